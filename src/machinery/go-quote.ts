import { quote } from '../base/json.ts'

/** What Go does not print as it is: controls, formats and every space but the usual one. */
const HAS_SPECIAL = /\p{C}|[^\P{Z} ]/u
const SPECIAL = new RegExp(HAS_SPECIAL, 'gu')
const NAMED: Readonly<Record<string, string>> = {
  ...{ '\u0007': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n' },
  ...{ '\u000b': '\\v', '\f': '\\f', '\r': '\\r' },
}

/** A text in double quotes as Go's `%q` writes it: JSON, but for what cannot be printed. */
export function goQuote(text: string): string {
  if (!HAS_SPECIAL.test(text)) return quote(text)
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replace(SPECIAL, escapeOf)
  return `"${escaped}"`
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return NAMED[character] ?? `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
