import { Bytes } from '../values/bytes.ts'
import { codePointCount } from '../values/strings.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { CONVERSIONS } from './conversions.ts'
import { type CelFunction, global, member } from './function.ts'
import { OPERATOR_FUNCTIONS } from './operators.ts'
import { matches } from './regular-expressions.ts'
import { TIME_FUNCTIONS } from './times.ts'

function size(value: CelValue): Outcome {
  if (typeof value === 'string') return codePointCount(value)
  return value instanceof CelList || value instanceof CelMap || value instanceof Bytes
    ? value.size
    : NO_SUCH_OVERLOAD
}

/** A test of one text by another, which says little of anything else. */
const textTest =
  (test: (text: string, part: string) => boolean) =>
  (text: CelValue, part: CelValue): Outcome =>
    typeof text === 'string' && typeof part === 'string' ? test(text, part) : NO_SUCH_OVERLOAD

const checked = { checksItself: true } as const
const TEXTS = '(string, string) -> bool'

/** What the language itself has: operators, conversions, texts, times. */
export const STANDARD_FUNCTIONS: readonly CelFunction[] = [
  ...OPERATOR_FUNCTIONS,
  ...CONVERSIONS,
  global('size', 'size_bytes', '(bytes) -> int', size),
  member('size', 'bytes_size', '(bytes) -> int', size),
  global('size', 'size_list', '(list(A)) -> int', size),
  member('size', 'list_size', '(list(A)) -> int', size),
  global('size', 'size_map', '(map(A, B)) -> int', size),
  member('size', 'map_size', '(map(A, B)) -> int', size),
  global('size', 'size_string', '(string) -> int', size),
  member('size', 'string_size', '(string) -> int', size),
  member(
    'contains',
    'contains_string',
    TEXTS,
    textTest((text, part) => text.includes(part)),
    checked,
  ),
  member(
    'endsWith',
    'ends_with_string',
    TEXTS,
    textTest((text, part) => text.endsWith(part)),
    checked,
  ),
  member(
    'startsWith',
    'starts_with_string',
    TEXTS,
    textTest((text, part) => text.startsWith(part)),
    checked,
  ),
  global('matches', 'matches', TEXTS, matches),
  member('matches', 'matches_string', TEXTS, matches),
  ...TIME_FUNCTIONS,
]
