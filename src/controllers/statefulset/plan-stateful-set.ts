import type { ControllerRevision } from '../../kinds/apps/v1/controller-revision.ts'
import type { StatefulSet, StatefulSetStatus } from '../../kinds/apps/v1/stateful-set.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { REVISION_HASH } from '../runtime/controller-history.ts'
import { omitZero } from '../runtime/omit-zero.ts'
import { isPodAvailable, isPodReady } from '../runtime/pods.ts'
import { isInRange, ordinalOf, ordinalRange } from './stateful-pod.ts'

/** A place in a stateful set, with the pod that has it, if there is one. */
export interface Slot {
  readonly ordinal: number
  readonly pod: Pod | undefined
}

export interface Slots {
  /** All that the set should have, the first ordinal first. */
  readonly wanted: readonly Slot[]
  /** Pods beyond the wanted ones, the last ordinal first. */
  readonly condemned: readonly { readonly ordinal: number; readonly pod: Pod }[]
}

export interface Revisions {
  readonly current: ControllerRevision
  readonly update: ControllerRevision
}

export function slotsOf(set: StatefulSet, pods: readonly Pod[]): Slots {
  const byOrdinal = new Map<number, Pod>()
  for (const pod of pods) {
    const ordinal = ordinalOf(set.metadata.name, pod.metadata.name)
    if (ordinal !== undefined) byOrdinal.set(ordinal, pod)
  }
  const [first, end] = ordinalRange(set)
  const wanted = Array.from({ length: end - first }, (_, index) => {
    const ordinal = first + index
    return { ordinal, pod: byOrdinal.get(ordinal) }
  })
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => !isInRange(set, ordinal))
    .map(([ordinal, pod]) => ({ ordinal, pod }))
    .toSorted((a, b) => b.ordinal - a.ordinal)
  return { wanted, condemned }
}

/** Pods below the partition stay with the current revision while the others are updated. */
export function revisionFor(
  { spec, status }: StatefulSet,
  { current, update }: Revisions,
  ordinal: number,
): ControllerRevision {
  const { type, rollingUpdate } = spec.updateStrategy
  const first = spec.ordinals?.start ?? 0
  const kept =
    rollingUpdate !== undefined
      ? (rollingUpdate.partition ?? 0)
      : type === 'RollingUpdate'
        ? (status.currentReplicas ?? 0)
        : 0
  return ordinal < first + kept ? current : update
}

function isOfRevision({ metadata }: Pod, { metadata: { name } }: ControllerRevision): boolean {
  return metadata.labels?.[REVISION_HASH] === name
}

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === 'Running' && isPodReady(pod)
}

export function isUnavailable(pod: Pod | undefined, { spec }: StatefulSet, now: number): boolean {
  if (pod === undefined || isTerminating(pod)) return true
  return !isPodAvailable(pod, spec.minReadySeconds ?? 0, now)
}

/** All pods may be made and deleted at the same time. */
export function isParallel({ spec }: StatefulSet): boolean {
  return spec.podManagementPolicy === 'Parallel'
}

/** The lowest of the wanted pods that does not serve, else of the condemned. */
export function firstUnavailable(
  set: StatefulSet,
  { wanted, condemned }: Slots,
  now: number,
): Pod | undefined {
  const slots = [...wanted, ...condemned.toReversed()]
  return slots.find(({ pod }) => isUnavailable(pod, set, now))?.pod
}

/** The pod to delete next so that a newer one takes its place; none while one is unavailable. */
export function nextToUpdate(
  set: StatefulSet,
  { wanted }: Slots,
  { update }: Revisions,
  now: number,
): Pod | undefined {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type === 'OnDelete') return undefined
  for (const { pod } of wanted.slice(rollingUpdate?.partition ?? 0).toReversed()) {
    if (pod !== undefined && !isOfRevision(pod, update) && !isTerminating(pod)) return pod
    if (isUnavailable(pod, set, now)) return undefined
  }
  return undefined
}

/** The counts; an update that has reached every pod makes its revision the current one. */
export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  { current, update }: Revisions,
  collisionCount: number,
  now: number,
): StatefulSetStatus {
  const minReadySeconds = set.spec.minReadySeconds ?? 0
  const staying = pods.filter((pod) => !isTerminating(pod))
  const ready = pods.filter(isRunningAndReady)
  const updated = staying.filter((pod) => isOfRevision(pod, update)).length
  const { replicas } = set.spec
  const isComplete =
    set.spec.updateStrategy.type === 'RollingUpdate' &&
    updated === replicas &&
    ready.length === replicas &&
    pods.length === replicas
  const currentReplicas = staying.filter((pod) => isOfRevision(pod, current)).length
  const { conditions } = set.status
  return {
    replicas: pods.length,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length,
    ...omitZero({
      observedGeneration: set.metadata.generation,
      readyReplicas: ready.length,
      currentReplicas: isComplete ? updated : currentReplicas,
      updatedReplicas: updated,
      conditions,
    }),
    currentRevision: (isComplete ? update : current).metadata.name,
    updateRevision: update.metadata.name,
    collisionCount,
  }
}
