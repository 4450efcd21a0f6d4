import { StatefulSet } from '../../kinds/apps/v1/stateful-set.ts'
import type { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'
import { ownerReferenceTo } from '../../machinery/owner-references.ts'

/** Who keeps a claim alive: the set, its pod, or nobody. */
type Keeper = 'set' | 'pod' | 'nobody'

/**
 * Claims live as long as the retention policy says: those that go with the set are owned by it;
 * those that go when the set shrinks are owned by the pod that goes.
 */
function keeperOf({ spec }: StatefulSet, isScaledDown: boolean): Keeper {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {}
  if (whenScaled === 'Delete' && isScaledDown) return 'pod'
  return whenDeleted === 'Delete' ? 'set' : 'nobody'
}

const refersTo =
  (kind: KindRef, { metadata }: KubeObject) =>
  (reference: OwnerReference) =>
    reference.apiVersion === kind.apiVersion &&
    reference.kind === kind.kind &&
    reference.name === metadata.name

/** The claim is owned by an earlier pod of the name, and goes with it: a new pod must wait. */
export function isStaleClaim(
  { metadata }: PersistentVolumeClaim,
  podName: string,
  podUid: string | undefined,
): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ kind, apiVersion, name, uid }) =>
      kind === 'Pod' && apiVersion === 'v1' && name === podName && uid !== podUid,
  )
}

/** Another controller, or an earlier object of the name, has its hand on the claim. */
export function hasForeignController(
  { metadata }: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Pod,
): boolean {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } =
    set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  if (whenDeleted === 'Retain' && whenScaled === 'Retain') return false
  return (metadata.ownerReferences ?? []).some((reference) => {
    if (refersTo(StatefulSet, set)(reference)) return reference.uid !== set.metadata.uid
    if (refersTo(Pod, pod)(reference)) return reference.uid !== pod.metadata.uid
    return reference.controller === true
  })
}

/** The owners that a claim should have; undefined when it needs no change, or must not get one. */
export function wantedOwners(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: Pod,
  isScaledDown: boolean,
): readonly OwnerReference[] | undefined {
  const present = claim.metadata.ownerReferences ?? []
  const isStale = (kind: KindRef, object: KubeObject) =>
    present.find(refersTo(kind, object))?.uid !== object.metadata.uid &&
    present.some(refersTo(kind, object))
  if (isStale(StatefulSet, set) || isStale(Pod, pod)) return undefined
  const isOurs = (reference: OwnerReference) =>
    refersTo(StatefulSet, set)(reference) || refersTo(Pod, pod)(reference)
  const others = present.filter((reference) => !isOurs(reference))
  const ours = present.filter(isOurs)
  if (hasForeignController(claim, set, pod)) return ours.length > 0 ? others : undefined
  const keeper = keeperOf(set, isScaledDown)
  const wanted =
    keeper === 'set'
      ? [ownerReferenceTo(set, StatefulSet)]
      : keeper === 'pod'
        ? [ownerReferenceTo(pod, Pod)]
        : []
  const isRight =
    ours.length === wanted.length &&
    ours.every(({ uid, controller }) => controller === true && wanted[0]?.uid === uid)
  return isRight ? undefined : [...others, ...wanted]
}
