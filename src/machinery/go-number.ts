/** As Go writes numbers: floats have an exponent of two digits, below 1e-4 and from 1e6 on. */
export function formatGoNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (value === 0 || (power >= -4 && power < 6)) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
