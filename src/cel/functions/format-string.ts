import { quoteGo } from '../../base/go-quote.ts'
import { Bytes } from '../values/bytes.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { Duration } from '../values/duration.ts'
import { formatGoFloat } from '../values/format-number.ts'
import { isInt } from '../values/integers.ts'
import { Timestamp } from '../values/timestamp.ts'
import { TypeValue, typeOfValue } from '../values/type-value.ts'
import { Uint } from '../values/uint.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import { exactFixed, formatFixed, formatScientific } from './format-double.ts'

/** What a clause such as `%d` or `%.2f` asks for. */
export interface Clause {
  readonly letter: string
  readonly precision: number | undefined
}

/** What can be written by which clause; the words are those of its message. */
const CLAUSES: Readonly<Record<string, { readonly name: string; readonly for: string }>> = {
  s: {
    name: 'string',
    for: 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  },
  d: { name: 'decimal', for: 'integers' },
  f: { name: 'fixed-point', for: 'doubles' },
  e: { name: 'scientific', for: 'doubles' },
  b: { name: 'binary', for: 'integers and bools' },
  x: { name: 'hex', for: 'integers, byte buffers, and strings' },
  X: { name: 'hex', for: 'integers, byte buffers, and strings' },
  o: { name: 'octal', for: 'integers' },
}

/** Texts and clauses of a format in turn, up to what is wrong with it. */
export function* formatParts(format: string): Iterable<string | Clause | CelError> {
  let at = 0
  while (at < format.length) {
    const percent = format.indexOf('%', at)
    if (percent < 0) {
      yield format.slice(at)
      return
    }
    if (percent > at) yield format.slice(at, percent)
    if (format[percent + 1] === '%') {
      yield '%'
      at = percent + 2
      continue
    }
    const [all = '', digits] = /^%(?:\.([0-9]*))?/.exec(format.slice(percent)) ?? []
    const letter = format[percent + all.length]
    const clause = readClause(digits, letter)
    yield clause
    if (clause instanceof CelError) return
    at = percent + all.length + 1
  }
}

function readClause(digits: string | undefined, letter: string | undefined): Clause | CelError {
  const wrong = (message: string) => new CelError(`could not parse formatting clause: ${message}`)
  if (letter === undefined) {
    if (digits === undefined) return new CelError('unexpected end of string')
    return wrong('error while parsing precision: could not find end of precision specifier')
  }
  if (digits === '') {
    const cause = 'strconv.Atoi: parsing "": invalid syntax'
    return wrong(
      `error while parsing precision: error while converting precision to integer: ${cause}`,
    )
  }
  if (!Object.hasOwn(CLAUSES, letter)) {
    return wrong(`unrecognized formatting clause "${letter}"`)
  }
  return { letter, precision: digits === undefined ? undefined : Number(digits) }
}

/** `"%s is %d".format([a, b])`. */
export function formatString(format: string, args: CelList): Outcome {
  let text = ''
  let next = 0
  for (const part of formatParts(format)) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    // An argument that lacks is said of before what is wrong with the clause.
    if (next >= args.size) return new CelError(`index ${next} out of range`)
    if (part instanceof CelError) return part
    const argument = args.at(next++)
    if (argument instanceof CelError) return argument
    const formatted = formatClause(part, argument)
    if (formatted instanceof CelError) {
      return new CelError(`error during formatting: ${formatted.message}`)
    }
    text += formatted
  }
  return text
}

/** What is said of an argument that a clause is not for. */
export function wrongArgument(letter: string, typeName: string): CelError {
  const clause = CLAUSES[letter]
  return new CelError(
    `${clause?.name} clause can only be used on ${clause?.for}, was given ${typeName}`,
  )
}

function formatClause({ letter, precision }: Clause, value: CelValue): string | CelError {
  const wrong = () => wrongArgument(letter, typeOfValue(value).name)
  switch (letter) {
    case 's':
      return formatText(value, wrong)
    case 'd':
      if (isInt(value)) return String(value)
      return value instanceof Uint ? String(value.value) : wrong()
    case 'f':
    case 'e': {
      const double = doubleOf(value)
      if (double === undefined) return wrong()
      return letter === 'f' ? formatFixed(double, precision) : formatScientific(double, precision)
    }
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0'
      return inBase(value, 2) ?? wrong()
    case 'o':
      return inBase(value, 8) ?? wrong()
    default: {
      const hex = hexOf(value)
      if (hex === undefined) return wrong()
      return letter === 'X' ? hex.toUpperCase() : hex
    }
  }
}

function inBase(value: CelValue, base: number): string | undefined {
  if (isInt(value)) return value.toString(base)
  return value instanceof Uint ? value.value.toString(base) : undefined
}

function hexOf(value: CelValue): string | undefined {
  if (typeof value === 'string') return Buffer.from(value).toString('hex')
  if (value instanceof Bytes) return Buffer.from(value.value).toString('hex')
  return inBase(value, 16)
}

const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

function doubleOf(value: CelValue): number | undefined {
  if (value instanceof Double) return value.value
  return typeof value === 'string' && Object.hasOwn(SPECIAL, value) ? SPECIAL[value] : undefined
}

function formatText(value: CelValue, wrong: () => CelError): string | CelError {
  if (value === null) return 'null'
  if (typeof value !== 'object') return String(value)
  if (value instanceof CelList) return formatList(value)
  if (value instanceof CelMap) return formatMap(value)
  if (value instanceof Double) return formatGoFloat(value.value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Bytes) return Buffer.from(value.value).toString()
  if (value instanceof TypeValue) return value.named.name
  return value instanceof Timestamp || value instanceof Duration ? String(value) : wrong()
}

/** A value within a list or a map: texts are quoted, doubles have six digits. */
function formatInner(value: Outcome): string | CelError {
  if (value instanceof CelError) return value
  if (typeof value === 'string') return quoteGo(value)
  if (value instanceof Bytes) return `b${quoteGo(Buffer.from(value.value).toString())}`
  if (value instanceof Timestamp) return `timestamp("${value}")`
  if (value instanceof Duration) return `duration("${value}")`
  if (value instanceof Double) {
    const { value: double } = value
    return Number.isFinite(double) ? exactFixed(double, 6) : quoteGo(formatGoFloat(double))
  }
  const { name } = typeOfValue(value)
  return formatText(value, () => new CelError(`no formatting function for ${name}`))
}

function formatList(list: CelList): string | CelError {
  const items: string[] = []
  for (let index = 0; index < list.size; index++) {
    const item = formatInner(list.at(index))
    if (item instanceof CelError) return item
    items.push(item)
  }
  return `[${items.join(', ')}]`
}

function formatMap(map: CelMap): string | CelError {
  const entries: (readonly [string, string])[] = []
  for (const key of map.keys()) {
    if (typeof key === 'object' && !(key instanceof Uint)) {
      const { name } = typeOfValue(key)
      return new CelError(`no formatting function for map key of type ${name}`)
    }
    const name = formatInner(key)
    const value = formatInner(map.find(key) ?? null)
    if (name instanceof CelError) return name
    if (value instanceof CelError) return value
    entries.push([name, value])
  }
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, value]) => `${key}:${value}`).join(', ')}}`
}
