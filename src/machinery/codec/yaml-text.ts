import { resolveScalar } from './yaml-scalar.ts'

/** Where a text is written. */
export interface TextPlace {
  /** Characters of its line before it. */
  readonly column: number
  /** Of the lines that it is continued on. */
  readonly indent: number
  /** A key stays on one line. */
  readonly isKey: boolean
}

/** Longer lines are broken at a space, as upstream's library does. */
const BEST_WIDTH = 80

const DATE = String.raw`\d{4}-\d{1,2}-\d{1,2}`
const TIME_OF_DAY = String.raw`\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?`
const ZONE = String.raw`(?:Z|[+-]\d\d:\d\d)`
const TIME = new RegExp(`^${DATE}(?:[Tt]${TIME_OF_DAY}${ZONE}| ${TIME_OF_DAY})?$`)
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const BREAK = /[\r\n\u0085\u2028\u2029]/
/** Anything but what YAML 1.1 prints as it is; what takes four bytes is among it. */
const SPECIAL = /[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u
const SPACE_BEFORE_BREAK = / [\n\u2028\u2029]/
const SPACE_AFTER_BREAK = /[\n\u2028\u2029] /
const BEGINS_OTHERWISE = /^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.|[?:-](?=[\s\u0085\u2028\u2029]|$))/
const READ_OTHERWISE = /:(?=[\s\u0085\u2028\u2029]|$)|[\s\u0085\u2028\u2029]#/

/** A text in the style that upstream's library chooses for it, after `place.column`. */
export function yamlText(text: string, place: TextPlace): string {
  const isSpecial = SPECIAL.test(text) || SPACE_BEFORE_BREAK.test(text)
  if (text.includes('\n')) {
    const isLiteral = !place.isKey && !isSpecial && !text.endsWith(' ')
    return isLiteral ? literal(text, place) : doubleQuoted(text, place)
  }
  if (isSpecial || SPACE_AFTER_BREAK.test(text) || !staysText(text)) {
    return doubleQuoted(text, place)
  }
  const isPlain =
    !/^ | $/.test(text) &&
    !BREAK.test(text) &&
    !BEGINS_OTHERWISE.test(text) &&
    !READ_OTHERWISE.test(text)
  return isPlain ? folded(text, place) : `'${folded(text.replaceAll("'", "''"), quoted(place))}'`
}

/** Whether a plain text is read as a text again. */
function staysText(text: string): boolean {
  return typeof resolveScalar(text) === 'string' && !TIME.test(text) && !BASE_60.test(text)
}

function quoted(place: TextPlace): TextPlace {
  return { ...place, column: place.column + 1 }
}

/** Broken at the first single space behind the best width, over and over. */
function folded(text: string, { column: start, indent, isKey }: TextPlace): string {
  if (isKey || start + text.length <= BEST_WIDTH) return text
  let written = ''
  let column = start
  let isAfterSpace = false
  const characters = [...text]
  for (const [index, character] of characters.entries()) {
    const isSpace = character === ' '
    const isInside = index > 0 && index < characters.length - 1
    const mayBreak = isSpace && !isAfterSpace && isInside && characters[index + 1] !== ' '
    if (mayBreak && column > BEST_WIDTH) {
      written += `\n${' '.repeat(indent)}`
      column = indent
    } else {
      written += character
      column++
    }
    isAfterSpace = isSpace
  }
  return written
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function doubleQuoted(text: string, { column: start, indent, isKey }: TextPlace): string {
  let written = '"'
  let column = start + 1
  let isAfterSpace = false
  const characters = [...text]
  for (const [index, character] of characters.entries()) {
    const isSpace = character === ' '
    const isInside = index > 0 && index < characters.length - 1
    if (isSpace && !isKey && !isAfterSpace && isInside && column > BEST_WIDTH) {
      written += `\n${' '.repeat(indent)}${characters[index + 1] === ' ' ? '\\' : ''}`
      column = indent
    } else {
      const shown = escaped(character)
      written += shown
      column += shown.length
    }
    isAfterSpace = isSpace
  }
  return `${written}"`
}

function escaped(character: string): string {
  const known = ESCAPES[character]
  if (known !== undefined && character !== '\u00a0') return known
  if (!SPECIAL.test(character) && !BREAK.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** Lines as they are, with a hint of what its first and its last line would not tell. */
function literal(text: string, { indent }: TextPlace): string {
  const indentHint = /^[ \n\r\u0085\u2028\u2029]/.test(text) ? '2' : ''
  const chompHint = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  const margin = ' '.repeat(indent)
  const body = lines.map((line) => (line === '' ? '' : margin + line))
  return [`|${indentHint}${chompHint}`, ...body].join('\n')
}
