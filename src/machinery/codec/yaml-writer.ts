import { isJsonObject } from '../json-value.ts'
import { yamlText } from './yaml-text.ts'

/** A longer key stands on a line of its own. */
const LONGEST_SIMPLE_KEY = 128

/**
 * A JSON value as YAML, byte for byte as upstream's library writes it: keys in order, lists not
 * indented below their keys, texts that would be read as something else in quotes.
 */
export function writeYaml(value: unknown): string {
  if (isJsonObject(value) && !isEmpty(value)) return mapping(value, 0)
  if (Array.isArray(value) && value.length > 0) return sequence(value, 0)
  return `${inline(value, 0, 2)}\n`
}

function mapping(object: Readonly<Record<string, unknown>>, indent: number): string {
  const margin = ' '.repeat(indent)
  let written = ''
  for (const key of Object.keys(object).sort(compareKeys)) {
    const value = object[key]
    if (value === undefined) continue
    const isSimple = Buffer.byteLength(key) <= LONGEST_SIMPLE_KEY && !key.includes('\n')
    if (isSimple) {
      const shown = yamlText(key, { column: indent, indent: indent + 2, isKey: true })
      written += `${margin}${shown}:${below(value, indent, shown.length + 1)}`
    } else {
      const place = { column: indent + 2, indent: indent + 2, isKey: false }
      written += `${margin}? ${yamlText(key, place)}\n${margin}:${beside(value, indent)}`
    }
  }
  return written
}

function sequence(items: readonly unknown[], indent: number): string {
  const margin = ' '.repeat(indent)
  return items.map((item) => `${margin}-${beside(item, indent)}`).join('')
}

/** What follows a key: on its line, or on the lines below. `used` is how far the key reaches. */
function below(value: unknown, indent: number, used: number): string {
  if (isJsonObject(value) && !isEmpty(value)) return `\n${mapping(value, indent + 2)}`
  if (Array.isArray(value) && value.length > 0) return `\n${sequence(value, indent)}`
  return ` ${inline(value, indent + used + 1, indent + 2)}\n`
}

/** What follows a dash: it begins on the same line, whatever it is. */
function beside(value: unknown, indent: number): string {
  if (isJsonObject(value) && !isEmpty(value)) return ` ${mapping(value, indent + 2).trimStart()}`
  if (Array.isArray(value) && value.length > 0) return ` ${sequence(value, indent + 2).trimStart()}`
  return ` ${inline(value, indent + 2, indent + 2)}\n`
}

function isEmpty(object: object): boolean {
  return Object.values(object).every((value) => value === undefined)
}

function inline(value: unknown, column: number, indent: number): string {
  switch (typeof value) {
    case 'string':
      return yamlText(value, { column, indent, isKey: false })
    case 'number':
      return formatNumber(value)
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? '[]' : '{}'
    default:
      return value === undefined ? 'null' : String(value)
  }
}

/** As Go's shortest `%g`: an exponent of two digits from a million on, and below a ten-thousandth. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  const sign = power < 0 ? '-' : '+'
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`
}

/** Letters behind all else where keys differ; numbers within texts by their value. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let at = 0; at < left.length && at < right.length; at++) {
    const [one = '', other = ''] = [left[at], right[at]]
    if (one === other) continue
    const [isLetter, isOtherLetter] = [/\p{L}/u.test(one), /\p{L}/u.test(other)]
    if (isLetter && isOtherLetter) return one < other ? -1 : 1
    if (isLetter || isOtherLetter) return isOtherLetter ? -1 : 1
    return compareNumbers(left, right, at)
  }
  return left.length - right.length
}

/** From where two texts differ on, in what may be a number. */
function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  const lead = left[at] === '0' || right[at] === '0' ? leadingNumber(left, at) : ''
  const one = lead + digitsFrom(left, at)
  const other = lead + digitsFrom(right, at)
  const difference = BigInt(one === '' ? 0 : one) - BigInt(other === '' ? 0 : other)
  if (difference !== 0n) return difference < 0n ? -1 : 1
  if (one.length !== other.length) return one.length - other.length
  return (left[at] ?? '') < (right[at] ?? '') ? -1 : 1
}

/** `1` where a number has begun before that is not zero: then a zero counts. */
function leadingNumber(text: readonly string[], at: number): string {
  for (let before = at - 1; before >= 0 && isDigit(text[before] ?? ''); before--) {
    if (text[before] !== '0') return '1'
  }
  return ''
}

function digitsFrom(text: readonly string[], at: number): string {
  let end = at
  while (end < text.length && isDigit(text[end] ?? '')) end++
  return text.slice(at, end).join('')
}

function isDigit(character: string): boolean {
  return /^\p{Nd}$/u.test(character)
}
