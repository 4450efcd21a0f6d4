import type { DaemonSet } from '../../kinds/apps/v1/daemon-set.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { scaledValue } from '../../machinery/int-or-string.ts'
import { REVISION_HASH } from '../runtime/controller-history.ts'
import { isPodAvailable, isPodReady } from '../runtime/pods.ts'
import { byNodeAndAge, isUpdated, type NodeFit, nodeFit } from './daemon-pod.ts'

export interface DaemonState {
  readonly set: DaemonSet
  /** Of the present template. */
  readonly hash: string
  readonly nodes: readonly Node[]
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>
  /** Wall-clock milliseconds. */
  readonly now: number
}

export interface DaemonPlan {
  /** Names of the nodes that need a pod. */
  readonly create: readonly string[]
  readonly remove: readonly Pod[]
  /** Finished pods, which stand among those to remove. */
  readonly failed: readonly Pod[]
  readonly succeeded: readonly Pod[]
}

/** One pod for each node that should have one, and none elsewhere. */
export function planDaemonPods(state: DaemonState): DaemonPlan {
  const create: string[] = []
  const remove: Pod[] = []
  const failed: Pod[] = []
  const succeeded: Pod[] = []
  for (const node of state.nodes) {
    const { name } = node.metadata
    const fit = nodeFit(state.set, node)
    const pods = state.podsByNode.get(name)
    if (fit.shouldRun && pods === undefined) create.push(name)
    else if (fit.mayStay && pods !== undefined) {
      const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      failed.push(...staying.filter(({ status }) => status.phase === 'Failed'))
      succeeded.push(...staying.filter(({ status }) => status.phase === 'Succeeded'))
      const running = staying.filter(
        ({ status }) => status.phase !== 'Failed' && status.phase !== 'Succeeded',
      )
      remove.push(...surplusOn(running.toSorted(byNodeAndAge), state))
      if (running.length === 0 && fit.shouldRun && allowsSurge(state.set)) create.push(name)
    } else if (!fit.mayStay && pods !== undefined) {
      remove.push(...pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined))
    }
  }
  remove.push(...lostPods(state))
  return { create, remove, failed, succeeded }
}

/** Without surge one pod stays; with it one new and one old, until the new one can take over. */
function surplusOn(running: readonly Pod[], { set, hash, now }: DaemonState): readonly Pod[] {
  if (running.length <= 1) return []
  if (!allowsSurge(set)) return running.slice(1)
  const isNew = ({ metadata }: Pod) => metadata.labels?.[REVISION_HASH] === hash
  const newest = running.find(isNew)
  const old = running.find((pod) => !isNew(pod))
  const surplus = running.filter((pod) => pod !== newest && pod !== old)
  if (newest === undefined || old === undefined) return surplus
  const canTakeOver = isPodAvailable(newest, set.spec.minReadySeconds ?? 0, now)
  return !isPodReady(old) || canTakeOver ? [...surplus, old] : surplus
}

/** Pods that were meant for nodes which are gone, and never got there. */
function lostPods({ nodes, podsByNode }: DaemonState): readonly Pod[] {
  const names = new Set(nodes.map(({ metadata }) => metadata.name))
  return [...podsByNode]
    .filter(([name]) => !names.has(name))
    .flatMap(([, pods]) => pods.filter(({ spec }) => (spec.nodeName ?? '') === ''))
}

/** The next step of a rolling update. */
export function planRollingUpdate(state: DaemonState): {
  readonly create: readonly string[]
  readonly remove: readonly Pod[]
} {
  const { set, nodes } = state
  const fits = new Map(nodes.map((node) => [node.metadata.name, nodeFit(set, node)]))
  const desired = [...fits.values()].filter(({ shouldRun }) => shouldRun).length
  const podsByNode = new Map(state.podsByNode)
  for (const [name, { shouldRun }] of fits) {
    if (shouldRun && !podsByNode.has(name)) podsByNode.set(name, [])
  }
  const surge = surgeCount(set, desired)
  const states = [...podsByNode].map(([name, pods]) => nodeState(state, name, pods))
  if (surge > 0) return planWithSurge(states, fits, surge, desired)
  return { create: [], remove: planReplacements(states, unavailableCount(set, desired)) }
}

interface NodeState {
  readonly name: string
  /** More pods than one new and one old: another step removes them first. */
  readonly hasSurplus: boolean
  readonly newest: Pod | undefined
  readonly old: Pod | undefined
  readonly isNewestAvailable: boolean
  readonly isOldAvailable: boolean
}

function nodeState({ set, hash, now }: DaemonState, name: string, pods: readonly Pod[]): NodeState {
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const updated = staying.filter((pod) => isUpdated(pod, set, hash))
  const outdated = staying.filter((pod) => !isUpdated(pod, set, hash))
  const isAvailable = (pod: Pod | undefined) =>
    pod !== undefined && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)
  return {
    name,
    hasSurplus: updated.length > 1 || outdated.length > 1,
    newest: updated[0],
    old: outdated[0],
    isNewestAvailable: isAvailable(updated[0]),
    isOldAvailable: isAvailable(outdated[0]),
  }
}

/** Old pods that do not serve go at once, others as far as nodes may be without one. */
function planReplacements(states: readonly NodeState[], maxUnavailable: number): readonly Pod[] {
  const broken: Pod[] = []
  const candidates: Pod[] = []
  let unavailable = 0
  for (const { hasSurplus, newest, old, isNewestAvailable, isOldAvailable } of states) {
    if (hasSurplus || (newest === undefined) === (old === undefined)) unavailable++
    else if (newest !== undefined) unavailable += Number(!isNewestAvailable)
    else if (old !== undefined && isOldAvailable) candidates.push(old)
    else if (old !== undefined) {
      broken.push(old)
      unavailable++
    }
  }
  return [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))]
}

/** New pods come beside the old ones, which go when the new ones serve. */
function planWithSurge(
  states: readonly NodeState[],
  fits: ReadonlyMap<string, NodeFit>,
  maxSurge: number,
  desired: number,
): { readonly create: readonly string[]; readonly remove: readonly Pod[] } {
  const remove: Pod[] = []
  const leaving: Pod[] = []
  const create: string[] = []
  const candidates: string[] = []
  let surge = 0
  let available = 0
  for (const { name, hasSurplus, newest, old, isNewestAvailable, isOldAvailable } of states) {
    if (hasSurplus) {
      surge++
      continue
    }
    available += Number(old === undefined ? isNewestAvailable : isOldAvailable)
    if (old === undefined) continue
    const shouldRun = fits.get(name)?.shouldRun === true
    if (newest !== undefined) {
      if (isNewestAvailable) remove.push(old)
      else surge++
    } else if (!isOldAvailable) {
      if (shouldRun) create.push(name)
      else remove.push(old)
    } else if (shouldRun) candidates.push(name)
    else leaving.push(old)
  }
  return {
    create: [...create, ...candidates.slice(0, Math.max(0, maxSurge - surge))],
    remove: [...remove, ...leaving.slice(0, Math.max(0, available - desired))],
  }
}

function surgeCount({ spec }: DaemonSet, desired: number): number {
  const { type, rollingUpdate } = spec.updateStrategy
  if (type !== 'RollingUpdate') return 0
  return scaledValue(rollingUpdate?.maxSurge ?? 0, desired, 'up')
}

/** At least one, where there is no surge: an update must be able to get on. */
function unavailableCount({ spec }: DaemonSet, desired: number): number {
  const count = scaledValue(spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 0, desired, 'up')
  return count === 0 && desired > 0 ? 1 : count
}

function allowsSurge(set: DaemonSet): boolean {
  return surgeCount(set, 1) > 0
}
