const DEFAULT_DIGITS = 6
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** A double with so many digits after the point and its thousands in groups: `1,234.50`. */
export function formatFixed(value: number, digits = DEFAULT_DIGITS): string {
  if (!Number.isFinite(value)) return formatSpecial(value)
  const [whole = '', fraction] = exactFixed(value, digits).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/**
 * A double with six digits and a power of ten: `1.234568×10⁰⁶`. What is written as its precision is
 * the least width, as upstream has it.
 */
export function formatScientific(value: number, width = DEFAULT_DIGITS): string {
  const text = Number.isFinite(value) ? scientific(value) : formatSpecial(value)
  return text.padStart(width)
}

function scientific(value: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(DEFAULT_DIGITS).split('e')
  const power = Number(exponent)
  const digits = String(Math.abs(power)).padStart(2, '0')
  const raised = digits.replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? digit)
  return `${mantissa}×10${power < 0 ? '⁻' : ''}${raised}`
}

function formatSpecial(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value < 0 ? '-∞' : '∞'
}

/** The most digits that JavaScript gives exactly. */
const MOST_DIGITS = 100

/** So many digits after the point; of two that are equally near, the even one. */
export function exactFixed(value: number, digits: number): string {
  const size = Math.abs(value)
  const shown =
    size < 1e21 ? size.toFixed(MOST_DIGITS) : `${BigInt(size)}.${'0'.repeat(MOST_DIGITS)}`
  const kept = Math.min(digits, MOST_DIGITS)
  const unit = 10n ** BigInt(MOST_DIGITS - kept)
  const scaled = BigInt(shown.replace('.', ''))
  const twice = (scaled % unit) * 2n
  const floor = scaled / unit
  const isUp = twice > unit || (twice === unit && floor % 2n === 1n)
  const text = String(isUp ? floor + 1n : floor).padStart(kept + 1, '0')
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (digits === 0) return sign + text
  const point = text.length - kept
  return `${sign}${text.slice(0, point)}.${text.slice(point).padEnd(digits, '0')}`
}
