import { badRequest } from '../../machinery/status-error.ts'

const LARGEST = 2n ** 63n - 1n

/**
 * An int64 of the query; undefined where there is none, and Go's 400 where it is no such number.
 */
export function readQueryInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const problem = (why: string) =>
    badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text.slice(0, 100))}: ${why}`)
  if (!/^[+-]?[0-9]+$/.test(text)) throw problem('invalid syntax')
  // As many digits as no int64 has, before a conversion that would take their square.
  const value = text.length > 100 ? LARGEST + 1n : BigInt(text.replace('+', ''))
  if (value > LARGEST || value < -LARGEST - 1n) throw problem('value out of range')
  return Number(value)
}
