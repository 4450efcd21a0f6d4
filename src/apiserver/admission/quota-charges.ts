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
import {
  formatScopes,
  type LimitedResource,
  uncoveredResources,
  uncoveredScopes,
} from './limited-resources.ts'

/** One write, and who knows what it uses. */
export interface QuotaRequest {
  readonly change: QuotaChange
  readonly evaluator: QuotaEvaluator
  /** Milliseconds. */
  readonly now: number
  /** What may not be used without a quota. */
  readonly limited: readonly LimitedResource[]
}

/** The quotas that a write uses more of, as they will be; or why it may not. */
export type QuotaVerdict =
  | { readonly charged: readonly ResourceQuota[] }
  | { readonly refused: string }
  /** A scope that needs a quota has none: upstream's plain failure. */
  | { readonly failed: string }

/** Whether all quotas of a namespace leave room for a write, in upstream's order and words. */
export function chargeQuotas(
  quotas: readonly ResourceQuota[],
  request: QuotaRequest,
): QuotaVerdict {
  const { change, evaluator, now, limited } = request
  const { object, oldObject } = change
  if (object === undefined) return { charged: [] }
  const concerned = quotas.filter(
    (quota) => boundedBy(quota, evaluator).length > 0 && isInScopes(quota, evaluator, object),
  )
  for (const quota of concerned) {
    const problem = problemWith(quota, evaluator, object)
    if (problem !== undefined) return { refused: problem }
  }
  if (concerned.length === 0 && limited.length === 0) return { charged: [] }
  const usage = evaluator.usageOf(object, now)
  const negative = Array.from(usage).filter(([, amount]) => amount.sign < 0)
  if (negative.length > 0) {
    const names = sortedList(negative.map(([name]) => name))
    return { refused: `quota usage is negative for resource(s): ${names}` }
  }
  const before: Amounts = oldObject === undefined ? new Map() : evaluator.usageOf(oldObject, now)
  const added = excessOf(usage, before)
  const additions = concerned.map((quota) => {
    // What counted for this quota before is not counted twice.
    const wasCounted = oldObject !== undefined && isInScopes(quota, evaluator, oldObject)
    return wasCounted ? added : excessOf(usage, new Map())
  })
  const isNothing = (concerned.length === 0 ? [added] : additions).every(({ size }) => size === 0)
  if (isNothing) return { charged: [] }
  const bounded = new Set(concerned.flatMap((quota) => boundedBy(quota, evaluator)))
  const use = { evaluator, object, usage, quotas, bounded }
  const resources = uncoveredResources(limited, use)
  if (resources.length > 0) {
    return { refused: `insufficient quota to consume: ${resources.join(',')}` }
  }
  const scopes = uncoveredScopes(limited, use)
  if (scopes.length > 0) {
    return { failed: `insufficient quota to match these scopes: ${formatScopes(scopes)}` }
  }
  return chargeAll(concerned, additions, change.subresource === 'status')
}

function chargeAll(
  quotas: readonly ResourceQuota[],
  additions: readonly Amounts[],
  isReport: boolean,
): QuotaVerdict {
  const charged: ResourceQuota[] = []
  for (const [index, quota] of quotas.entries()) {
    const added = additions[index] ?? new Map()
    if (added.size === 0) continue
    const verdict = charge(quota, added, isReport)
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
