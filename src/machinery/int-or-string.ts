/** A count, or a percentage such as `25%` of some total (intstr.IntOrString). */
export type IntOrString = number | string

/** Raised where neither a number nor a percentage is given; the messages are upstream's. */
class IntOrStringError extends Error {
  override readonly name = 'IntOrStringError'
}

/**
 * The count that a value stands for: itself, or its percentage of `total`, rounded up or down.
 * Throws IntOrStringError for a string that is no percentage.
 */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = parsePercent(value)
  const exact = (percent * total) / 100
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact)
}

/** The number in front of the percent sign, undefined for what is no percentage. */
export function percentOf(value: IntOrString): number | undefined {
  return typeof value === 'string' && /^[+-]?[0-9]+%$/.test(value)
    ? Number(value.slice(0, -1))
    : undefined
}

function parsePercent(value: string): number {
  if (!value.endsWith('%')) {
    throw new IntOrStringError(
      'invalid value for IntOrString: invalid type: string is not a percentage',
    )
  }
  const percent = percentOf(value)
  if (percent !== undefined) return percent
  const cause = `strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax`
  throw new IntOrStringError(
    `invalid value for IntOrString: invalid value ${JSON.stringify(value)}: ${cause}`,
  )
}
