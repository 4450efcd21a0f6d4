import { DurationSyntaxError, parseDuration } from '../../../machinery/duration.ts'
import { parseCidr, parseIp } from '../../../machinery/ip-address.ts'
import { isEmailAddress } from './email-address.ts'

const SIGN = 'a-zA-Z0-9\\p{S}\\p{L}'
const LABEL = `[${SIGN}]((-?[${SIGN}]{0,62})?)`
const DOTTED = `([${SIGN}](([${SIGN}\\-]{0,61}[${SIGN}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63}`
const HOST_NAME = new RegExp(`^(${LABEL}|${DOTTED})$`, 'u')
const TIME = /^(\d{2}):(\d{2}):(\d{2})(.[0-9]+)?(z|([+-]\d{2}:\d{2}))$/
const CARDS = [
  ...['4\\d{12}(?:\\d{3})?', '5[1-5]\\d{14}', '6(?:011|5\\d\\d)\\d{12}', '3[47]\\d{13}'],
  ...['3(?:0[0-5]|[68]\\d)\\d{11}', '(?:2131|1800|35\\d{3})\\d{11}'],
]
const CREDIT_CARD = new RegExp(`^(?:${CARDS.join('|')})$`)
const COLOR_PART = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])'
const RGB = new RegExp(
  `^rgb\\(\\s*${COLOR_PART}\\s*,\\s*${COLOR_PART}\\s*,\\s*${COLOR_PART}\\s*\\)$`,
)
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/
const SHORT_NAME = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const LONG_NAME = new RegExp(`^${SHORT_NAME}(?:\\.${SHORT_NAME})*$`)

/** Whether a text has a format, by the format's name without dashes. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: isEmailAddress,
  hostname: isHostName,
  ipv4: (text) => text.includes('.') && isSloppyIp(text),
  ipv6: (text) => text.includes(':') && parseIp(text) !== undefined,
  cidr: isSloppyCidr,
  mac: isMac,
  uuid: uuidOf('[0-9a-f]{4}', '[0-9a-f]{4}'),
  uuid3: uuidOf('3[0-9a-f]{3}', '[0-9a-f]{4}'),
  uuid4: uuidOf('4[0-9a-f]{3}', '[89ab][0-9a-f]{3}'),
  uuid5: uuidOf('5[0-9a-f]{3}', '[89ab][0-9a-f]{3}'),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => RGB.test(text),
  byte: (text) => BASE64.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => text.length <= 63 && new RegExp(`^${SHORT_NAME}$`).test(text),
  k8slongname: (text) => text.length <= 253 && LONG_NAME.test(text),
}

const INTEGER_FORMATS = ['int32', 'int64']
const NUMBER_FORMATS = ['float', 'double']

/** The format that is checked for values of a type; undefined for one that nobody knows. */
export function knownFormat(type: string | undefined, format: string): string | undefined {
  if (format === '') return undefined
  switch (type) {
    case undefined:
    case '':
    case 'string':
      return Object.hasOwn(FORMATS, nameOf(format)) ? format : undefined
    case 'integer':
      return INTEGER_FORMATS.includes(format) ? format : undefined
    case 'number':
      return NUMBER_FORMATS.includes(format) ? format : undefined
    default:
      return undefined
  }
}

/** Whether a text has a known format; true for one that says nothing of texts. */
export function hasFormat(format: string, text: string): boolean {
  const name = nameOf(format)
  return !Object.hasOwn(FORMATS, name) || FORMATS[name]?.(text) === true
}

function nameOf(format: string): string {
  return format.replaceAll('-', '')
}

/** Go's url.ParseRequestURI: an absolute path, or a URL with a scheme. */
function isRequestUri(text: string): boolean {
  if (text === '' || /\p{Cc}/u.test(text)) return false
  if (text === '*') return true
  if (/%(?![0-9a-fA-F]{2})/.test(text.split('?')[0] as string)) return false
  if (text.startsWith('/')) return true
  const [, , rest = ''] = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(text) ?? []
  if (rest === '' && !/^[a-zA-Z][a-zA-Z0-9+.-]*:$/.test(text)) return false
  if (!rest.startsWith('//')) return true
  const authority = rest.slice(2).split(/[/?#]/)[0] as string
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (/[ "<>\\^`{|}]/.test(host)) return false
  return /^(?:\[[^\]]*\]|[^:[\]]*)(?::\d*)?$/.test(host)
}

function isHostName(text: string): boolean {
  if (Buffer.byteLength(text) > 255 || !HOST_NAME.test(text)) return false
  return text.split('.').every((label) => Buffer.byteLength(label) <= 63)
}

/** With leading zeros, which Go has read before 1.17. */
function isSloppyIp(text: string): boolean {
  return parseIp(withoutZeros(text)) !== undefined
}

function isSloppyCidr(text: string): boolean {
  const [address = '', length = '', ...more] = text.split('/', 3)
  if (more.length > 0 || !/^\d+$/.test(length)) return false
  return parseCidr(`${withoutZeros(address)}/${Number(length)}`) !== undefined
}

/** Of the parts of an IPv4 address, which may be the end of an IPv6 address. */
function withoutZeros(address: string): string {
  const start = address.lastIndexOf(':') + 1
  const parts = address.slice(start).split('.', 5)
  if (parts.length !== 4) return address
  return address.slice(0, start) + parts.map((part) => part.replace(/^0+(?=\d)/, '')).join('.')
}

function isMac(text: string): boolean {
  const isPairs = /^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1)*[0-9a-fA-F]{2}$/.test(text)
  if (isPairs) return [6, 8, 20].includes((text.length + 1) / 3)
  const isFours = /^[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+$/.test(text)
  return isFours && [6, 8, 20].includes(((text.length + 1) / 5) * 2)
}

function uuidOf(version: string, variant: string): (text: string) => boolean {
  const pattern = `^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}-?${variant}-?[0-9a-f]{12}$`
  const expression = new RegExp(pattern, 'i')
  return (text) => expression.test(text)
}

/** More characters than any number that is checked by its digits has. */
const MOST_KEPT = 20

/** A text without some of its characters; of a long one only the beginning, which tells it. */
function without(dropped: RegExp, text: string): string {
  let kept = ''
  for (const character of text) {
    if (dropped.test(character)) continue
    kept += character
    if (kept.length >= MOST_KEPT) break
  }
  return kept
}

function isIsbn10(text: string): boolean {
  const digits = without(/[\t\n\f\r -]/, text)
  if (!/^(?:\d{9}X|\d{10})$/.test(digits)) return false
  const sum = Array.from(digits).reduce(
    (total, digit, index) => total + (index + 1) * (digit === 'X' ? 10 : Number(digit)),
    0,
  )
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = without(/[\t\n\f\r -]/, text)
  if (!/^\d{13}$/.test(digits)) return false
  const sum = Array.from(digits.slice(0, 12)).reduce(
    (total, digit, index) => total + (index % 2 === 0 ? 1 : 3) * Number(digit),
    0,
  )
  return Number(digits[12]) === (10 - (sum % 10)) % 10
}

function isCreditCard(text: string): boolean {
  const digits = without(/\D/, text)
  if (!CREDIT_CARD.test(digits)) return false
  const sum = Array.from(digits)
    .reverse()
    .map((digit, index) => (index % 2 === 0 ? Number(digit) : Number(digit) * 2))
    .reduce((total, value) => total + (value >= 10 ? (value % 10) + 1 : value), 0)
  return sum % 10 === 0
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(match[3])
}

function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t')
  if (time === undefined || !isDate(date)) return false
  const [, hour = '', minute = '', second = ''] = TIME.exec(time) ?? []
  return hour !== '' && hour <= '23' && minute <= '59' && second <= '59'
}

const UNITS = ['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'hr', 'd', 'w', 'wk']
const UNIT_PREFIXES = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week']
const LARGEST_COUNT = 2n ** 63n - 1n

/** A duration of Go's, or any text with a number and a unit of time in it. */
function isDuration(text: string): boolean {
  try {
    parseDuration(text)
    return true
  } catch (error) {
    if (!(error instanceof DurationSyntaxError)) throw error
  }
  let hasUnit = false
  // What may follow a number may be missing: so no number is read again from its second digit.
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)[\t\n\f\r ]*([A-Za-zµ]*)/g)) {
    if (unit === '') continue
    if (!isCount(count)) return false
    hasUnit ||= isUnit(unit.toLowerCase())
  }
  return hasUnit
}

/** Whether digits are a number of 64 bits: of units that is more, upstream makes no duration. */
function isCount(digits: string): boolean {
  if (digits.length <= 18) return true
  const significant = digits.replace(/^0+/, '')
  return significant.length <= 19 && BigInt(significant) <= LARGEST_COUNT
}

function isUnit(name: string): boolean {
  return UNITS.includes(name) || UNIT_PREFIXES.some((prefix) => name.startsWith(prefix))
}
