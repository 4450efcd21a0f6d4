import type { LimitRange, LimitRangeItem } from './limit-range.ts'

/** For containers the most is the default limit, and that the default request, then the least. */
export function setLimitRangeDefaults(range: LimitRange): LimitRange {
  const given = range.spec.limits
  if (given === null) return range
  const limits = given.map(withDefaults)
  const isSame = limits.every((limit, index) => limit === given[index])
  return isSame ? range : { ...range, spec: { ...range.spec, limits } }
}

function withDefaults(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item
  const { max = {}, min = {}, default: limit = {}, defaultRequest = {} } = item
  const limits = { ...max, ...limit }
  const requests = { ...min, ...limits, ...defaultRequest }
  const count = (amounts: object) => Object.keys(amounts).length
  if (count(limits) + count(requests) === count(limit) + count(defaultRequest)) return item
  // Amounts that are empty are not written.
  return {
    ...item,
    ...(count(limits) > 0 && { default: limits }),
    ...(count(requests) > 0 && { defaultRequest: requests }),
  }
}
