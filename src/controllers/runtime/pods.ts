import type { Informer, Lister } from '../../client/lister.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodCondition } from '../../kinds/core/v1/pod-status.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { controllerOf } from '../../machinery/owner-references.ts'
import { parseTime } from '../../machinery/time.ts'

/** It runs or will run: neither finished nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined
}

/** It is being deleted and has not finished. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined
}

export function isPodFinished({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

export function podCondition({ status }: Pod, type: string): PodCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type)
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** When a ready pod became ready, in wall-clock milliseconds. */
export function readySince(pod: Pod): number | undefined {
  const condition = podCondition(pod, 'Ready')
  if (condition?.status !== 'True') return undefined
  return timeOf(condition.lastTransitionTime)
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  if (!isPodReady(pod)) return false
  if (minReadySeconds === 0) return true
  const since = readySince(pod)
  return since !== undefined && since + minReadySeconds * 1000 <= now
}

/** Milliseconds until the next of these ready pods becomes available; undefined when none will. */
export function untilNextAvailable(
  pods: readonly Pod[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  let next: number | undefined
  for (const pod of pods) {
    const since = readySince(pod)
    if (since === undefined) continue
    const leftMs = since + minReadySeconds * 1000 - now
    if (leftMs > 0 && (next === undefined || leftMs < next)) next = leftMs
  }
  return next
}

/** A `metav1.Time` in wall-clock milliseconds. */
export function timeOf(time: string | null | undefined): number | undefined {
  return typeof time === 'string' ? parseTime(time) : undefined
}

const BY_CONTROLLER = 'controllerUid'

/** Files pods under the uid of their controller, and those without one under their namespace. */
export function indexByController(pods: Informer<Pod>): void {
  pods.addIndex(BY_CONTROLLER, (pod) => {
    const owner = controllerOf(pod)
    return [owner === undefined ? orphansOf(pod.metadata.namespace) : owner.uid]
  })
}

/** The pods that an object controls. */
export function podsControlledBy(pods: Lister<Pod>, { metadata }: KubeObject): readonly Pod[] {
  return pods.byIndex(BY_CONTROLLER, metadata.uid)
}

/** The pods of a namespace that nothing controls. */
export function orphanedPods(pods: Lister<Pod>, namespace: string): readonly Pod[] {
  return pods.byIndex(BY_CONTROLLER, orphansOf(namespace))
}

function orphansOf(namespace: string): string {
  return `orphans/${namespace}`
}
