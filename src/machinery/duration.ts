const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const NANOSECONDS_BY_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}
const LARGEST_NANOSECONDS = 2 ** 63

/** Raised for text that is not a duration; the message is the one of Go's time.ParseDuration. */
export class DurationSyntaxError extends Error {
  override readonly name = 'DurationSyntaxError'
}

/** Milliseconds of a duration as Go writes it, such as `1h2m3.5s`; throws DurationSyntaxError. */
export function parseDuration(text: string): number {
  const [, sign, parts = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (parts === '0') return 0
  if (parts === '') throw new DurationSyntaxError(`time: invalid duration ${quote(text)}`)
  let nanoseconds = 0
  let rest = parts
  while (rest !== '') {
    const [, number = '', unit = ''] = /^([0-9]*\.?[0-9]*)([^0-9.]*)/.exec(rest) ?? []
    if (!/[0-9]/.test(number))
      throw new DurationSyntaxError(`time: invalid duration ${quote(text)}`)
    if (unit === '') {
      throw new DurationSyntaxError(`time: missing unit in duration ${quote(text)}`)
    }
    const factor = NANOSECONDS_BY_UNIT[unit]
    if (factor === undefined) {
      throw new DurationSyntaxError(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`)
    }
    nanoseconds += Number(number) * factor
    rest = rest.slice(number.length + unit.length)
  }
  if (nanoseconds >= LARGEST_NANOSECONDS) {
    throw new DurationSyntaxError(`time: invalid duration ${quote(text)}`)
  }
  return (sign === '-' ? -nanoseconds : nanoseconds) / 1e6
}

/** The reverse of `parseDuration`, in Go's form: `0s`, `1.5s`, `2m0s`, `72h0m0s`, `250ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms < 0.001) return `${Math.round(ms * 1e6)}ns`
  if (ms < 1) return `${trim(ms * 1e3, 3)}µs`
  if (ms < SECOND) return `${trim(ms, 6)}ms`
  const hours = Math.floor(ms / HOUR)
  const minutes = Math.floor((ms % HOUR) / MINUTE)
  const seconds = `${trim((ms % MINUTE) / SECOND, 9)}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/**
 * An age as kubectl shows it: two units at most, and fewer the longer it is (upstream's
 * duration.HumanDuration). A clock two seconds ahead counts as zero, more as invalid.
 */
export function formatHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 60 * 2) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 60 * 3) return `${minutes}m`
  const hours = Math.floor(seconds / 3600)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 24 * 8) return withRest(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.floor(hours / 24 / 365)
  if (hours < 24 * 365 * 8) return withRest(years, 'y', days % 365, 'd')
  return `${years}y`
}

function withRest(count: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${count}${unit}` : `${count}${unit}${rest}${restUnit}`
}

function trim(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, '')
}

function quote(text: string): string {
  return JSON.stringify(text)
}
