/** Raised for an escape that the language does not have; the message is upstream's. */
export class UnescapeError extends Error {
  override readonly name = 'UnescapeError'
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '`': 96,
  '?': 63,
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, X: 2, u: 4, U: 8 }
const INVALID_CODE_POINT = 'invalid unicode code point'

/** The text of a string literal, with its quotes and an `r` prefix taken off. */
export function unescapeString(literal: string): string {
  const { body, isRaw } = unquote(literal)
  if (isRaw || !body.includes('\\')) return body
  let text = ''
  for (const piece of pieces(body)) {
    if (typeof piece === 'string') text += piece
    else if (!isCodePoint(piece.value)) throw new UnescapeError(INVALID_CODE_POINT)
    else text += String.fromCodePoint(piece.value)
  }
  return text
}

/** The bytes of a bytes literal without its `b`; `\x` and octal escapes are single bytes. */
export function unescapeBytes(literal: string): Uint8Array {
  const { body, isRaw } = unquote(literal)
  if (isRaw || !body.includes('\\')) return Buffer.from(body)
  const parts: Buffer[] = []
  for (const piece of pieces(body)) {
    if (typeof piece === 'string') parts.push(Buffer.from(piece))
    else if (piece.isUnicode) throw new UnescapeError('unable to unescape string')
    else parts.push(Buffer.from([piece.value & 0xff]))
  }
  return Buffer.concat(parts)
}

function unquote(literal: string): { body: string; isRaw: boolean } {
  const isRaw = /^[rR]/.test(literal)
  const quoted = (isRaw ? literal.slice(1) : literal).replace(/\r\n?/g, '\n')
  const width = quoted.length >= 6 && /^(?:"""|''')/.test(quoted) ? 3 : 1
  return { body: quoted.slice(width, -width), isRaw }
}

const isCodePoint = (value: number) => value <= 0x10ffff && (value < 0xd800 || value > 0xdfff)

/** Plain text and the values of escapes, in turn; the scanner has checked that they are whole. */
function* pieces(body: string): Iterable<string | { value: number; isUnicode: boolean }> {
  let at = 0
  while (at < body.length) {
    const slash = body.indexOf('\\', at)
    if (slash < 0) {
      yield body.slice(at)
      return
    }
    if (slash > at) yield body.slice(at, slash)
    const letter = body[slash + 1] ?? ''
    const digits = HEX_DIGITS[letter]
    if (digits !== undefined) {
      const value = Number.parseInt(body.slice(slash + 2, slash + 2 + digits), 16)
      yield { value, isUnicode: digits > 2 }
      at = slash + 2 + digits
    } else if (/[0-3]/.test(letter)) {
      yield { value: Number.parseInt(body.slice(slash + 1, slash + 4), 8), isUnicode: false }
      at = slash + 4
    } else {
      yield { value: SIMPLE[letter] ?? 0, isUnicode: false }
      at = slash + 2
    }
  }
}
