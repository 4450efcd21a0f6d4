import type { ResourceQuota } from '../../kinds/core/v1/resource-quota.ts'
import {
  type Amounts,
  amountsOf,
  areEqual,
  largestOf,
  onlyOf,
  resourceListOf,
  sumOf,
} from '../../kinds/quota/amounts.ts'
import type { QuotaEvaluator } from '../../kinds/quota/evaluator.ts'
import { isInScopes } from '../../kinds/quota/scopes.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { quantityOf } from '../../machinery/quantity.ts'

/** One sort of objects, and those of them that the namespace has. */
export interface Counted {
  readonly evaluator: QuotaEvaluator
  readonly objects: readonly KubeObject[]
}

export interface StatusPlan {
  /** Undefined where the status is right. */
  readonly status: ResourceQuota['status'] | undefined
  /** Something was left as it is though less is used by now. */
  readonly isLater: boolean
}

/**
 * The bounds and the use of a quota as they are now; `counted` has all that it bounds. A use that
 * nobody can count stays. Where `mayFree` is false, use that is there already goes up only.
 */
export function planStatus(
  quota: ResourceQuota,
  counted: readonly Counted[],
  now: number,
  mayFree: boolean,
): StatusPlan {
  const hard = amountsOf(quota.spec.hard)
  const before = amountsOf(quota.status.used)
  const known = usageOf(quota, counted, now)
  const told = mayFree ? known : atLeast(known, before)
  const used = onlyOf(new Map([...before, ...told]), (name) => hard.has(name))
  const isLater = !areEqual(told, known)
  const { hard: hardBefore, used: usedBefore } = quota.status
  const isRight =
    hardBefore !== undefined &&
    usedBefore !== undefined &&
    areEqual(amountsOf(hardBefore), hard) &&
    areEqual(used, before)
  if (isRight) return { status: undefined, isLater }
  return { status: { hard: resourceListOf(hard), used: resourceListOf(used) }, isLater }
}

function usageOf(quota: ResourceQuota, counted: readonly Counted[], now: number): Amounts {
  const bounds = Object.keys(quota.spec.hard ?? {})
  let total: Amounts = new Map()
  for (const { evaluator, objects } of counted) {
    const names = bounds.filter((name) => evaluator.covers(name))
    if (names.length === 0) continue
    let usage: Amounts = new Map(names.map((name) => [name, quantityOf(0)]))
    for (const object of objects) {
      if (!isInScopes(quota, evaluator, object)) continue
      usage = sumOf(usage, evaluator.usageOf(object, now))
    }
    total = sumOf(
      total,
      onlyOf(usage, (name) => names.includes(name)),
    )
  }
  return total
}

function atLeast(known: Amounts, before: Amounts): Amounts {
  return largestOf(
    known,
    onlyOf(before, (name) => known.has(name)),
  )
}
