import type { ResourceQuota } from '../../kinds/core/v1/resource-quota.ts'
import {
  type Amounts,
  amountsOf,
  excessOf,
  formatAmounts,
  onlyOf,
  resourceListOf,
  sumOf,
} from '../../kinds/quota/amounts.ts'
import type { QuotaChange, QuotaEvaluator } from '../../kinds/quota/evaluator.ts'
import { isInScopes } from '../../kinds/quota/scopes.ts'
import type { KubeObject } from '../../machinery/kind.ts'

/** One write, and who knows what it uses. */
export interface QuotaRequest {
  readonly change: QuotaChange
  readonly evaluator: QuotaEvaluator
  /** Milliseconds. */
  readonly now: number
}

/** The quotas that a write uses more of, as they will be; or why it may not. */
export type QuotaVerdict =
  | { readonly charged: readonly ResourceQuota[] }
  | { readonly refused: string }

/** Whether all quotas of a namespace leave room for a write, in upstream's order and words. */
export function chargeQuotas(
  quotas: readonly ResourceQuota[],
  { change, evaluator, now }: QuotaRequest,
): QuotaVerdict {
  const { object, oldObject } = change
  if (object === undefined) return { charged: [] }
  const concerned = quotas.filter(
    (quota) => boundedBy(quota, evaluator).length > 0 && isInScopes(quota, evaluator, object),
  )
  for (const quota of concerned) {
    const problem = problemWith(quota, evaluator, object)
    if (problem !== undefined) return { refused: problem }
  }
  if (concerned.length === 0) return { charged: [] }
  const usage = evaluator.usageOf(object, now)
  const negative = Array.from(usage).filter(([, amount]) => amount.sign < 0)
  if (negative.length > 0) {
    const names = sortedList(negative.map(([name]) => name))
    return { refused: `quota usage is negative for resource(s): ${names}` }
  }
  const charged: ResourceQuota[] = []
  for (const quota of concerned) {
    // What counted for this quota before is not counted twice.
    const wasCounted = oldObject !== undefined && isInScopes(quota, evaluator, oldObject)
    const before: Amounts = wasCounted ? evaluator.usageOf(oldObject, now) : new Map()
    const added = excessOf(usage, before)
    if (added.size === 0) continue
    const verdict = charge(quota, added, change.subresource === 'status')
    if (typeof verdict === 'string') return { refused: verdict }
    charged.push(verdict)
  }
  return { charged }
}

/** A quota with more used; a text where that is too much. Reports of what is so are never. */
function charge(quota: ResourceQuota, added: Amounts, isReport: boolean): ResourceQuota | string {
  const hard = amountsOf(quota.status.hard)
  const used = amountsOf(quota.status.used)
  const requested = onlyOf(added, (name) => hard.has(name))
  const total = sumOf(used, requested)
  const isExceeded = (name: string) => {
    const limit = hard.get(name)
    return requested.has(name) && limit !== undefined && (total.get(name)?.compare(limit) ?? 0) > 0
  }
  const exceeded = onlyOf(hard, isExceeded)
  if (exceeded.size > 0 && !isReport) {
    const ofThose = (amounts: Amounts) =>
      formatAmounts(onlyOf(amounts, (name) => exceeded.has(name)))
    return (
      `exceeded quota: ${quota.metadata.name}, requested: ${ofThose(requested)}, ` +
      `used: ${ofThose(used)}, limited: ${ofThose(hard)}`
    )
  }
  return { ...quota, status: { ...quota.status, used: resourceListOf(total) } }
}

/** The bounds that are in force for objects of a kind. */
function boundedBy({ status }: ResourceQuota, evaluator: QuotaEvaluator): readonly string[] {
  return Object.keys(status.hard ?? {}).filter((name) => evaluator.covers(name))
}

function problemWith(
  quota: ResourceQuota,
  evaluator: QuotaEvaluator,
  object: KubeObject,
): string | undefined {
  const { name } = quota.metadata
  const bounded = boundedBy(quota, evaluator)
  const problem = evaluator.problemOf?.(bounded, object)
  if (problem !== undefined) return `failed quota: ${name}: ${problem}`
  const used = quota.status.used ?? {}
  if (bounded.every((one) => Object.hasOwn(used, one))) return undefined
  return `status unknown for quota: ${name}, resources: ${sortedList(bounded)}`
}

function sortedList(names: readonly string[]): string {
  return names.toSorted().join(',')
}
