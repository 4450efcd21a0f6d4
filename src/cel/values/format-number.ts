/** From which exponent on `%g` with the fewest digits uses one. */
const GENERAL_PRECISION = 6

/** A double as Go's `%g` prints it: `1e+06`, `0.1`, `NaN`, `+Inf`. */
export function formatGoFloat(value: number): string {
  const special = formatSpecial(value)
  if (special !== undefined) return special
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const { sign, digits, exponent } = shortest(value)
  if (exponent >= -4 && exponent < GENERAL_PRECISION) return formatPlainFloat(value)
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const magnitude = String(Math.abs(exponent)).padStart(2, '0')
  return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${magnitude}`
}

/** A double as Go prints it with `'f', -1`: all digits that it needs, never an exponent. */
export function formatPlainFloat(value: number): string {
  const special = formatSpecial(value)
  if (special !== undefined) return special
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const { sign, digits, exponent } = shortest(value)
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`
}

function formatSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return undefined
  return value < 0 ? '-Inf' : '+Inf'
}

/** The fewest digits that tell the number from its neighbours, and the place of the first. */
function shortest(value: number): { sign: string; digits: string; exponent: number } {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  return {
    sign: value < 0 ? '-' : '',
    digits: mantissa.replace('.', ''),
    exponent: Number(exponent),
  }
}
