import type { Pod } from '../../kinds/core/v1/pod.ts'
import { isPodActive, isPodReady, readySince, timeOf } from '../runtime/pods.ts'

/** No more than so many pods are created or deleted before the cache has seen them. */
export const BURST_REPLICAS = 500

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

export interface ReplicaPlan {
  readonly create: number
  readonly remove: readonly Pod[]
}

/**
 * Decides how many pods to create, or which ones to delete. Does neither. `related` are the pods
 * of all replica sets with the same owner: of those that crowd a node, one goes first.
 */
export function planReplicas(
  wanted: number,
  active: readonly Pod[],
  related: () => readonly Pod[],
  now: number,
): ReplicaPlan {
  const surplus = active.length - wanted
  if (surplus <= 0) return { create: Math.min(wanted - active.length, BURST_REPLICAS), remove: [] }
  const count = Math.min(surplus, BURST_REPLICAS)
  if (count === active.length) return { create: 0, remove: active }
  return { create: 0, remove: inDeletionOrder(active, related(), now).slice(0, count) }
}

interface Candidate {
  readonly pod: Pod
  /** Active related pods on the same node. */
  readonly neighbours: number
}

/** The pods that may go first come first. */
export function inDeletionOrder(
  pods: readonly Pod[],
  related: readonly Pod[],
  now: number,
): readonly Pod[] {
  const onNode = new Map<string | undefined, number>()
  for (const pod of related) {
    if (!isPodActive(pod)) continue
    onNode.set(pod.spec.nodeName, (onNode.get(pod.spec.nodeName) ?? 0) + 1)
  }
  return pods
    .map((pod): Candidate => ({ pod, neighbours: onNode.get(pod.spec.nodeName) ?? 0 }))
    .toSorted((a, b) => {
      for (const prefer of preferences) {
        const order = prefer(a, b, now)
        if (order !== 0) return order
      }
      return 0
    })
    .map(({ pod }) => pod)
}

/** In order of weight: the first that tells two pods apart decides. Negative: delete `a` first. */
const preferences: readonly ((a: Candidate, b: Candidate, now: number) => number)[] = [
  (a, b) => Number(isAssigned(a.pod)) - Number(isAssigned(b.pod)),
  (a, b) => phaseRank(a.pod) - phaseRank(b.pod),
  (a, b) => Number(isPodReady(a.pod)) - Number(isPodReady(b.pod)),
  (a, b) => deletionCost(a.pod) - deletionCost(b.pod),
  (a, b) => b.neighbours - a.neighbours,
  (a, b, now) => byAge(a.pod, b.pod, readySince, now),
  (a, b) => mostRestarts(b.pod, false) - mostRestarts(a.pod, false),
  (a, b) => mostRestarts(b.pod, true) - mostRestarts(a.pod, true),
  (a, b, now) => byAge(a.pod, b.pod, createdAt, now),
]

function isAssigned({ spec }: Pod): boolean {
  return spec.nodeName !== undefined && spec.nodeName !== ''
}

function phaseRank({ status }: Pod): number {
  return { Pending: 0, Unknown: 1, Running: 2, Succeeded: 0, Failed: 0 }[status.phase] ?? 0
}

/** A 32-bit integer in its plain form; anything else counts as 0. */
function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST] ?? ''
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return 0
  const cost = Number(text)
  return Math.abs(cost) <= 2 ** 31 - 1 || cost === -(2 ** 31) ? cost : 0
}

function createdAt({ metadata }: Pod): number | undefined {
  return timeOf(metadata.creationTimestamp)
}

/**
 * The younger goes first, but ages count by their order of magnitude only; among alike ones the
 * uid decides, which is as good as chance: not always the newest pods should go.
 */
function byAge(a: Pod, b: Pod, since: (pod: Pod) => number | undefined, now: number): number {
  const sinceA = since(a)
  const sinceB = since(b)
  if (sinceA === sinceB) return 0
  if (sinceA === undefined) return -1
  if (sinceB === undefined) return 1
  const order = magnitude(now - sinceA) - magnitude(now - sinceB)
  return order !== 0 ? order : a.metadata.uid < b.metadata.uid ? -1 : 1
}

function magnitude(ageMs: number): number {
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1
}

/** Of ordinary containers, or of the restartable init containers. */
function mostRestarts({ spec, status }: Pod, isSidecar: boolean): number {
  const restarts = (statuses: typeof status.containerStatuses) =>
    (statuses ?? []).map(({ restartCount }) => restartCount)
  if (!isSidecar) return Math.max(0, ...restarts(status.containerStatuses))
  const sidecars = new Set(
    (spec.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  )
  const statuses = status.initContainerStatuses?.filter(({ name }) => sidecars.has(name))
  return Math.max(0, ...restarts(statuses))
}
