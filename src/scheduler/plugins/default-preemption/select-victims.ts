import type { PodDisruptionBudget } from '../../../kinds/policy/v1/pod-disruption-budget.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import { type FilterRunner, type Rejection, unresolvable } from '../../framework/plugin.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { partByBudgets } from './disruption-budgets.ts'

/** The pods of a node that would have to go. */
export interface Candidate {
  readonly nodeName: string
  /** The most important first; never empty. */
  readonly victims: readonly PodInfo[]
  /** How many of them a disruption budget protects. */
  readonly violations: number
}

const NO_VICTIMS = unresolvable('No preemption victims found for incoming pod')

/**
 * Tries on copies what would be if all less urgent pods of a node were gone, and then lets as many
 * of them stay as it can: first those that a budget protects, in each group the most important.
 */
export function selectVictims(
  filters: FilterRunner,
  state: CycleState,
  pod: PodInfo,
  original: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  now: number,
): { readonly candidate: Candidate } | { readonly rejection: Rejection } {
  const lesser: PodInfo[] = []
  for (const other of original.pods) if (other.priority < pod.priority) lesser.push(other)
  if (lesser.length === 0) return { rejection: NO_VICTIMS }
  const node = original.clone()
  const trial = state.clone()
  for (const other of lesser) filters.removePod(trial, pod, other, node)
  const rejection = filters.filter(trial, pod, node)
  if (rejection !== undefined) return { rejection }
  const isMoreImportant = byImportance(now)
  const { violating, others } = partByBudgets(lesser.toSorted(isMoreImportant), budgets)
  const mustGo = (other: PodInfo): boolean => {
    filters.addPod(trial, pod, other, node)
    if (filters.filter(trial, pod, node) === undefined) return false
    filters.removePod(trial, pod, other, node)
    return true
  }
  const protectedVictims = violating.filter(mustGo)
  const victims = [...protectedVictims, ...others.filter(mustGo)].toSorted(isMoreImportant)
  if (victims.length === 0) return { rejection: NO_VICTIMS }
  const { name: nodeName } = node
  return { candidate: { nodeName, victims, violations: protectedVictims.length } }
}

/** Higher priority first; of equals the one that has run longer. */
function byImportance(now: number): (a: PodInfo, b: PodInfo) => number {
  return (a, b) =>
    a.priority !== b.priority ? b.priority - a.priority : startOf(a, now) - startOf(b, now)
}

/** Milliseconds since the epoch; a pod that has not started counts as starting now. */
export function startOf({ pod }: PodInfo, now: number): number {
  const { startTime } = pod.status
  return startTime === undefined ? now : Date.parse(startTime)
}
