import { deepEqual } from './deep-equal.ts'

/** What the conditions of all kinds have in common. */
export interface ConditionBase {
  readonly type: string
  readonly status: string
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly lastTransitionTime?: string | null | undefined
}

/** The condition of a type; undefined where there is none. */
export function findCondition<C extends ConditionBase>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/** Whether there is a condition of the type, and its status is True. */
export function isConditionTrue(
  conditions: readonly ConditionBase[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/**
 * The list with one condition added or changed. The transition time is the given one's, or `now`
 * (RFC 3339), when the status changes; else it stays as it was. The same list when nothing changes.
 */
export function setCondition<C extends ConditionBase>(
  conditions: readonly C[] | undefined,
  condition: C,
  now: string,
): readonly C[] {
  const list = conditions ?? []
  const old = findCondition(list, condition.type)
  const isTransition = old === undefined || old.status !== condition.status
  const lastTransitionTime = isTransition
    ? (condition.lastTransitionTime ?? now)
    : old.lastTransitionTime
  const next = { ...condition, lastTransitionTime }
  if (old === undefined) return [...list, next]
  if (deepEqual(withoutNulls(old), withoutNulls(next))) return list
  return list.map((one) => (one === old ? next : one))
}

/** The list without one condition; the same list when it is not there. */
export function removeCondition<C extends ConditionBase>(
  conditions: readonly C[] | undefined,
  type: string,
): readonly C[] {
  const list = conditions ?? []
  return findCondition(list, type) === undefined ? list : list.filter((one) => one.type !== type)
}

/** What is stored has null for times that nobody gave. */
function withoutNulls(condition: object): object {
  return Object.fromEntries(Object.entries(condition).filter(([, value]) => value !== null))
}
