const SURROGATE = /[\ud800-\udfff]/

/** How many code points a text has: what `size` counts and costs are measured in. */
export function codePointCount(text: string): number {
  if (!SURROGATE.test(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}

/** The code points of a text; texts without surrogates need no such list. */
export function codePointsOf(text: string): readonly string[] | string {
  return SURROGATE.test(text) ? [...text] : text
}

/** The order of two texts by their code points, as that of their UTF-8 bytes. */
export function compareStrings(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  if (SURROGATE.test(a) || SURROGATE.test(b)) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) as -1 | 0 | 1
  }
  return a < b ? -1 : 1
}

/** How Go's strconv and CEL write what has a letter of its own behind a backslash. */
export const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u000b': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

/** A text in double quotes with escapes, as Go's strconv.Quote writes it. */
export function quoteGo(text: string): string {
  let quoted = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const known = ESCAPES[character]
    if (known !== undefined) quoted += known
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`
    else if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) quoted += character
    else if (code < 0x10000) quoted += `\\u${code.toString(16).padStart(4, '0')}`
    else quoted += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `"${quoted}"`
}
