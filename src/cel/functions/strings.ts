import { GO_ESCAPES } from '../../base/go-quote.ts'
import { CelError } from '../values/cel-error.ts'
import { formatValue } from '../values/format-value.ts'
import type { Int } from '../values/integers.ts'
import { ArrayList } from '../values/list.ts'
import { codePointCount, codePointsOf } from '../values/strings.ts'
import type { CelList, Outcome } from '../values/value.ts'
import { formatString } from './format-string.ts'
import { type CelFunction, global, member } from './function.ts'

const outOfRange = (index: Int) => new CelError(`index out of range: ${index}`)

/** Part of a text by places of code points. */
function slice(text: string, start: number, end?: number): string {
  const points = codePointsOf(text)
  return typeof points === 'string' ? points.slice(start, end) : points.slice(start, end).join('')
}

function charAt(text: string, index: Int): Outcome {
  if (index < 0 || index > codePointCount(text)) return outOfRange(index)
  return slice(text, Number(index), Number(index) + 1)
}

/** The place in code points of a place in UTF-16. */
const pointAt = (text: string, unit: number) =>
  unit < 0 ? -1 : codePointCount(text.slice(0, unit))

function indexOf(text: string, part: string, offset: Int = 0): Outcome {
  if (part === '') return offset
  if (offset < 0) return outOfRange(offset)
  if (offset >= codePointCount(text)) return -1
  const start = slice(text, 0, Number(offset)).length
  return pointAt(text, text.indexOf(part, start))
}

function lastIndexOf(text: string, part: string, offset?: Int): Outcome {
  const length = codePointCount(text)
  if (part === '') return offset ?? length
  if (offset !== undefined && offset < 0) return outOfRange(offset)
  if (offset !== undefined && offset >= length) return -1
  const start = slice(text, 0, Number(offset ?? length - 1)).length
  return pointAt(text, text.lastIndexOf(part, start))
}

/** In UTF-16: the runtime has none much longer, and reading one costs more than is allowed. */
const LONGEST_RESULT = 2 ** 27
const TOO_LONG = new CelError('operation cancelled: actual cost limit exceeded')

/** Whether so many replacements make a text that is too long; a short one is not gone through. */
function isTooLong(text: string, old: string, replacement: string, limit: Int): boolean {
  const mostPlaces = old === '' ? text.length + 1 : text.length / old.length
  const room = (LONGEST_RESULT - text.length) / Math.max(replacement.length, 1)
  if (mostPlaces <= room) return false
  const places = old === '' ? mostPlaces : text.split(old).length - 1
  return Math.min(places, limit < 0 ? places : Number(limit)) > room
}

function replace(text: string, old: string, replacement: string, limit: Int = -1): Outcome {
  if (isTooLong(text, old, replacement, limit)) return TOO_LONG
  if (limit < 0 && old !== '') return text.replaceAll(old, () => replacement)
  if (old === '') return surround(text, replacement, Number(limit))
  let result = ''
  let at = 0
  for (let count = 0; count < limit; count++) {
    const found = text.indexOf(old, at)
    if (found < 0) break
    result += text.slice(at, found) + replacement
    at = found + old.length
  }
  return result + text.slice(at)
}

/** An empty text is found before each character and at the end. */
function surround(text: string, replacement: string, limit: number): string {
  const points = [...text]
  const count = limit < 0 ? points.length + 1 : Math.min(limit, points.length + 1)
  const parts = points.map((point, index) => (index < count ? replacement : '') + point)
  return parts.join('') + (count > points.length ? replacement : '')
}

function split(text: string, separator: string, limit: Int = -1): Outcome {
  if (limit === 0) return new ArrayList([])
  const parts = separator === '' ? [...text] : text.split(separator)
  if (limit < 0 || parts.length <= limit) return new ArrayList(parts)
  const kept = parts.slice(0, Number(limit) - 1)
  const rest = parts.slice(Number(limit) - 1).join(separator)
  return new ArrayList([...kept, rest])
}

function substring(text: string, start: Int, end?: Int): Outcome {
  const length = codePointCount(text)
  if (end !== undefined && start > end) {
    return new CelError(`invalid substring range. start: ${start}, end: ${end}`)
  }
  if (start < 0 || start > length) return outOfRange(start)
  if (end !== undefined && (end < 0 || end > length)) return outOfRange(end)
  return slice(text, Number(start), end === undefined ? undefined : Number(end))
}

function join(list: CelList, separator = ''): Outcome {
  const parts: string[] = []
  for (let index = 0; index < list.size; index++) {
    const item = list.at(index)
    if (typeof item !== 'string') {
      const shown = item instanceof CelError ? item.message : formatValue(item)
      return new CelError(`join: invalid input: ${shown}`)
    }
    parts.push(item)
  }
  return parts.join(separator)
}

const ESCAPES: Readonly<Record<string, string>> = { ...GO_ESCAPES, '"': '\\"' }
const quote = (text: string) =>
  `"${Array.from(text, (character) => ESCAPES[character] ?? character).join('')}"`

/** White space as Go knows it: without the byte order mark, with the next line. */
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** By places: an expression for the end would try each run of spaces inside. */
function trim(text: string): Outcome {
  let start = 0
  let end = text.length
  while (start < end && SPACE.test(text.charAt(start))) start++
  while (end > start && SPACE.test(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** The extension library of strings, in its version 2. */
export const STRING_FUNCTIONS: readonly CelFunction[] = [
  member('charAt', 'string_char_at_int', '(string, int) -> string', charAt),
  member('indexOf', 'string_index_of_string', '(string, string) -> int', indexOf),
  member('indexOf', 'string_index_of_string_int', '(string, string, int) -> int', indexOf),
  member('lastIndexOf', 'string_last_index_of_string', '(string, string) -> int', lastIndexOf),
  member(
    'lastIndexOf',
    'string_last_index_of_string_int',
    '(string, string, int) -> int',
    lastIndexOf,
  ),
  member('lowerAscii', 'string_lower_ascii', '(string) -> string', (text: string) => {
    return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
  }),
  member('replace', 'string_replace_string_string', '(string, string, string) -> string', replace),
  member(
    'replace',
    'string_replace_string_string_int',
    '(string, string, string, int) -> string',
    replace,
  ),
  member('split', 'string_split_string', '(string, string) -> list(string)', split),
  member('split', 'string_split_string_int', '(string, string, int) -> list(string)', split),
  member('substring', 'string_substring_int', '(string, int) -> string', substring),
  member('substring', 'string_substring_int_int', '(string, int, int) -> string', substring),
  member('trim', 'string_trim', '(string) -> string', trim),
  member('upperAscii', 'string_upper_ascii', '(string) -> string', (text: string) => {
    return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
  }),
  member('format', 'string_format', '(string, list(dyn)) -> string', formatString),
  global('strings.quote', 'strings_quote', '(string) -> string', quote),
  member('join', 'list_join', '(list(string)) -> string', join),
  member('join', 'list_join_string', '(list(string), string) -> string', join),
]
