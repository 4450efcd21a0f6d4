import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import { quantityOf } from '../../machinery/quantity.ts'
import type { ScopedResourceSelectorRequirement } from '../core/v1/resource-quota.ts'
import type { Amounts } from './amounts.ts'

/** A write that may change what is used. */
export interface QuotaChange {
  readonly operation: string
  readonly subresource: string
  readonly object: KubeObject | undefined
  /** Absent for a creation. */
  readonly oldObject: KubeObject | undefined
}

/** How much of a quota objects of one kind use. */
export interface QuotaEvaluator {
  /** Whose objects it counts. */
  readonly kind: Pick<KindRef, 'group' | 'plural'>
  /** Whether objects of the kind can use some of this resource. */
  covers(resource: string): boolean
  /** What an object uses. Milliseconds tell whether it still does. */
  usageOf(object: KubeObject, now: number): Amounts
  /** Whether an object is among those that a scope of a quota means. */
  isInScope(scope: ScopedResourceSelectorRequirement, object: KubeObject): boolean
  /** Whether a write can change what is used. */
  handles(change: QuotaChange): boolean
  /** What an object must say where a quota bounds these resources: undefined if it does. */
  problemOf?(resources: readonly string[], object: KubeObject): string | undefined
  /** Whether a change of an object that is stored may leave more to others. */
  frees(object: KubeObject, old: KubeObject): boolean
}

export const ONE = quantityOf(1)

/** `count/deployments.apps`: the name under which objects of any kind are counted. */
export function countNameOf({ group, plural }: QuotaEvaluator['kind']): string {
  return group === '' ? `count/${plural}` : `count/${plural}.${group}`
}

/** Counts the objects of a kind, under a second name too where quotas have one from before. */
export function countEvaluator(kind: QuotaEvaluator['kind'], alias?: string): QuotaEvaluator {
  const names = [countNameOf(kind), ...(alias === undefined ? [] : [alias])]
  return {
    kind,
    covers: (resource) => names.includes(resource),
    usageOf: () => new Map(names.map((name) => [name, ONE])),
    isInScope: () => false,
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    frees: () => false,
  }
}
