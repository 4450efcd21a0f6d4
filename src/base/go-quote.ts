/** How Go's strconv, and CEL, write what has a letter of its own behind a backslash. */
export const GO_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u000b': '\\v',
  '\\': '\\\\',
}

/** What is not written as it is: controls, formats, quotes and every space but the usual one. */
const SPECIAL = /\p{C}|[^\P{Z} ]|["\\]/u

/** A text in double quotes with escapes, as Go's strconv.Quote and `%q` write it. */
export function quoteGo(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`
  let quoted = ''
  for (const character of text) quoted += character === '"' ? '\\"' : escapeGo(character)
  return `"${quoted}"`
}

/** A character in single quotes, as Go's strconv.QuoteRune writes it. */
export function quoteGoCharacter(character: string): string {
  return `'${character === "'" ? "\\'" : escapeGo(character)}'`
}

function escapeGo(character: string): string {
  const known = GO_ESCAPES[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) return character
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}
