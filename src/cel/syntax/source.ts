/** A message about a place in an expression's text; offset -1 is no place at all. */
export interface Issue {
  readonly offset: number
  readonly message: string
}

const MAX_ISSUES = 100
const MAX_SNIPPET_BYTES = 16_384
const WIDE_DOT = '\uff0e'
const WIDE_CARET = '\uff3e'

/**
 * The issues as upstream prints them, in the order of their places: each with the line of the text
 * and a caret below it.
 */
export function formatIssues(text: string, issues: readonly Issue[]): string {
  const lines = text.split('\n')
  const placed = issues
    .slice(0, MAX_ISSUES)
    .map(({ offset, message }) => ({ ...locate(text, offset), message }))
  placed.sort((a, b) => a.line - b.line || a.column - b.column)
  const texts = placed.map(({ line, column, message }) => {
    const header = `ERROR: <input>:${line}:${column + 1}: ${message}`
    return header + (text === '' ? '' : snippet(lines[line - 1], column))
  })
  const omitted = issues.length - MAX_ISSUES
  if (omitted > 0) texts.push(`${omitted} more errors were truncated`)
  return texts.join('\n')
}

/** The line (from 1) and the column in code points (from 0) of a UTF-16 offset. */
function locate(text: string, offset: number): { line: number; column: number } {
  if (offset < 0) return { line: -1, column: -1 }
  if (text === '') return { line: 1, column: -1 }
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++
  return { line, column: [...before.slice(lineStart)].length }
}

function snippet(line: string | undefined, column: number): string {
  if (line === undefined || Buffer.byteLength(line) > MAX_SNIPPET_BYTES) return ''
  const shown = line.replaceAll('\t', ' ')
  const characters = [...shown]
  const isWide = (character: string | undefined) =>
    character !== undefined && (character.codePointAt(0) ?? 0) > 0x7f
  const dots = characters.slice(0, column).map((character) => (isWide(character) ? WIDE_DOT : '.'))
  const caret = isWide(characters[column]) ? WIDE_CARET : '^'
  return `\n | ${shown}\n | ${dots.join('')}${caret}`
}
