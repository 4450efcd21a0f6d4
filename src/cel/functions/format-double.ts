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

/** All digits of the double, exactly; toFixed stops at 1e21 and at 100 digits. */
function exactFixed(value: number, digits: number): string {
  if (digits <= 100 && Math.abs(value) < 1e21) return value.toFixed(digits)
  const shown = Math.abs(value) < 1e21 ? value.toFixed(100) : `${BigInt(value)}.${'0'.repeat(100)}`
  const [whole = '', fraction = ''] = shown.split('.')
  if (digits === 0) return whole
  return `${whole}.${fraction.slice(0, digits).padEnd(digits, '0')}`
}
