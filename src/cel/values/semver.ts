import { quoteGo } from '../../base/go-quote.ts'
import { CelError } from './cel-error.ts'

/** A version of Semantic Versioning 2.0.0. */
export interface SemanticVersion {
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly prerelease: readonly string[]
  readonly build: readonly string[]
}

const NAMES = ['Major', 'Minor', 'Patch'] as const
const DIGITS = /^[0-9]+$/
const ALPHANUMERIC = /^[0-9A-Za-z-]+$/

/** A version, or why a text is none, in the words of upstream's parser. */
export function parseSemver(text: string): SemanticVersion | CelError {
  if (text === '') return new CelError('Version string empty')
  const dots = text.split('.')
  if (dots.length < 3) return new CelError('No Major.Minor.Patch elements found')
  const [major = '', minor = '', ...rest] = dots
  let patch = rest.join('.')
  const plus = patch.indexOf('+')
  const build = plus < 0 ? [] : patch.slice(plus + 1).split('.')
  if (plus >= 0) patch = patch.slice(0, plus)
  const dash = patch.indexOf('-')
  const prerelease = dash < 0 ? [] : patch.slice(dash + 1).split('.')
  if (dash >= 0) patch = patch.slice(0, dash)
  for (const [index, number] of [major, minor, patch].entries()) {
    const flaw = numberFlaw(NAMES[index] ?? 'Patch', number)
    if (flaw !== undefined) return new CelError(flaw)
  }
  const flaw = firstFlaw(prerelease, prereleaseFlaw) ?? firstFlaw(build, buildFlaw)
  if (flaw !== undefined) return new CelError(flaw)
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease, build }
}

function numberFlaw(name: string, number: string): string | undefined {
  if (!/^[0-9]*$/.test(number)) {
    return `Invalid character(s) found in ${name.toLowerCase()} number ${quoteGo(number)}`
  }
  if (number.length > 1 && number.startsWith('0')) {
    return `${name} number must not contain leading zeroes ${quoteGo(number)}`
  }
  if (number === '') return 'strconv.ParseUint: parsing "": invalid syntax'
  if (BigInt(number) < 2n ** 64n) return undefined
  return `strconv.ParseUint: parsing ${quoteGo(number)}: value out of range`
}

function firstFlaw(
  parts: readonly string[],
  flawOf: (part: string) => string | undefined,
): string | undefined {
  for (const part of parts) {
    const flaw = flawOf(part)
    if (flaw !== undefined) return flaw
  }
  return undefined
}

function prereleaseFlaw(part: string): string | undefined {
  if (part === '') return 'Prerelease is empty'
  if (DIGITS.test(part)) {
    if (part.length === 1 || !part.startsWith('0')) return undefined
    return `Numeric PreRelease version must not contain leading zeroes ${quoteGo(part)}`
  }
  return ALPHANUMERIC.test(part)
    ? undefined
    : `Invalid character(s) found in prerelease ${quoteGo(part)}`
}

function buildFlaw(part: string): string | undefined {
  if (part === '') return 'Build meta data is empty'
  return ALPHANUMERIC.test(part)
    ? undefined
    : `Invalid character(s) found in build meta data ${quoteGo(part)}`
}

/** As `parseSemver`, after making a version of what is nearly one: `v1.02` is 1.2.0. */
export function normalizeSemver(text: string): SemanticVersion | CelError {
  const [first = '', second, ...rest] = text.replace(/^v/, '').split('.')
  const third = rest.length === 0 ? undefined : rest.join('.')
  const parts = [first, second, third].filter((part) => part !== undefined).map(withoutZeros)
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    return new CelError('short version cannot contain PreRelease/Build meta data')
  }
  while (parts.length < 3) parts.push('0')
  return parseSemver(parts.join('.'))
}

function withoutZeros(part: string): string {
  if (part.length < 2) return part
  const trimmed = part.replace(/^0+/, '')
  return /^[0-9]/.test(trimmed) ? trimmed : `0${trimmed}`
}

/** -1, 0 or 1; build metadata does not count. */
export function compareSemver(a: SemanticVersion, b: SemanticVersion): -1 | 0 | 1 {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n
    if (number !== other) return number > other ? 1 : -1
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return sign(b.prerelease.length - a.prerelease.length)
  }
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index]
    if (other === undefined) return 1
    const order = comparePrerelease(part, other)
    if (order !== 0) return order
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0
}

/** Numbers come before words. */
function comparePrerelease(a: string, b: string): -1 | 0 | 1 {
  const isNumber = DIGITS.test(a)
  if (isNumber !== DIGITS.test(b)) return isNumber ? -1 : 1
  if (isNumber) return BigInt(a) === BigInt(b) ? 0 : BigInt(a) > BigInt(b) ? 1 : -1
  return a === b ? 0 : a > b ? 1 : -1
}

const sign = (value: number): -1 | 0 | 1 => (value < 0 ? -1 : value > 0 ? 1 : 0)
