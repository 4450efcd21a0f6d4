import type { LimitRangeItem } from '../../kinds/core/v1/limit-range.ts'
import { type Amounts, amountsOf } from '../../kinds/quota/amounts.ts'
import { parseQuantity, type Quantity } from '../../machinery/quantity.ts'

/** What one container, pod or claim asks for. */
export interface Asked {
  readonly requests: Amounts
  readonly limits: Amounts
}

/** Why a container or pod breaks an item of a limit range, in upstream's words. */
export function* limitProblems(item: LimitRangeItem, asked: Asked): Iterable<string> {
  const { type, min, max, maxLimitRequestRatio } = item
  for (const [name, least] of amountsOf(min)) yield* belowMinimum(type, name, least, asked)
  for (const [name, most] of amountsOf(max)) yield* aboveMaximum(type, name, most, asked)
  for (const [name, ratio] of amountsOf(maxLimitRequestRatio)) {
    yield* aboveRatio(type, name, ratio, asked)
  }
}

/** Why a claim breaks an item: only requests count for those. */
export function* claimProblems(item: LimitRangeItem, requests: Amounts): Iterable<string> {
  const { type, min, max } = item
  const asked = { requests, limits: new Map() }
  for (const [name, least] of amountsOf(min)) yield* belowMinimum(type, name, least, asked)
  for (const [name, most] of amountsOf(max)) {
    const rule = `maximum ${name} usage per ${type} is ${most}`
    const request = requests.get(name)
    if (request === undefined) yield `${rule}.  No request is specified`
    else if (request.compare(most) > 0) yield `${rule}, but request is ${request}`
  }
}

function* belowMinimum(
  type: string,
  name: string,
  least: Quantity,
  { requests, limits }: Asked,
): Iterable<string> {
  const rule = `minimum ${name} usage per ${type} is ${least}`
  const request = requests.get(name)
  const limit = limits.get(name)
  if (request === undefined) yield `${rule}.  No request is specified`
  else if (request.compare(least) < 0) yield `${rule}, but request is ${request}`
  else if (limit !== undefined && limit.compare(least) < 0) yield `${rule}, but limit is ${limit}`
}

function* aboveMaximum(
  type: string,
  name: string,
  most: Quantity,
  { requests, limits }: Asked,
): Iterable<string> {
  const rule = `maximum ${name} usage per ${type} is ${most}`
  const request = requests.get(name)
  const limit = limits.get(name)
  if (limit === undefined) yield `${rule}.  No limit is specified`
  else if (limit.compare(most) > 0) yield `${rule}, but limit is ${limit}`
  else if (request !== undefined && request.compare(most) > 0) {
    yield `${rule}, but request is ${request}`
  }
}

function* aboveRatio(
  type: string,
  name: string,
  most: Quantity,
  { requests, limits }: Asked,
): Iterable<string> {
  const rule = `${name} max limit to request ratio per ${type} is ${most}`
  const zero = parseQuantity('0')
  const request = requests.get(name) ?? zero
  const limit = limits.get(name) ?? zero
  if (request.sign === 0) yield `${rule}, but no request is specified or request is 0`
  else if (limit.sign === 0) yield `${rule}, but no limit is specified or limit is 0`
  else {
    const ratio = limit.toFloat() / request.toFloat()
    if (ratio > most.toFloat()) yield `${rule}, but provided ratio is ${ratio.toFixed(6)}`
  }
}
