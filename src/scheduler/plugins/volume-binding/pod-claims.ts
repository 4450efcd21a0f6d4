import type { Lister } from '../../../client/lister.ts'
import type { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import type { StorageClass } from '../../../kinds/storage/v1/storage-class.ts'
import { isControlledBy } from '../../../machinery/owner-references.ts'

const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
const CLASS = 'volume.beta.kubernetes.io/storage-class'

/** The claims of a pod, by what is left to do for them. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[]
  /** They are bound, or their volumes made, once a node is known. */
  readonly delayed: readonly PersistentVolumeClaim[]
}

export interface ClaimListers {
  readonly claims: Lister<PersistentVolumeClaim>
  readonly classes: Lister<StorageClass>
}

interface ClaimName {
  readonly name: string
  readonly isEphemeral: boolean
}

/** A pod's claims by name; an ephemeral volume's is named after the pod. */
export function claimNames({ metadata, spec }: Pod): readonly ClaimName[] {
  return (spec.volumes ?? []).flatMap((volume): ClaimName[] => {
    if (volume.persistentVolumeClaim !== undefined) {
      return [{ name: volume.persistentVolumeClaim.claimName, isEphemeral: false }]
    }
    if (volume.ephemeral === undefined) return []
    return [{ name: `${metadata.name}-${volume.name}`, isEphemeral: true }]
  })
}

/** What has to be done for the claims of a pod, or why nothing can be done yet. */
export function podClaims(pod: Pod, listers: ClaimListers): PodClaims | string {
  const bound: PersistentVolumeClaim[] = []
  const delayed: PersistentVolumeClaim[] = []
  let isWaiting = false
  for (const name of claimNames(pod)) {
    const claim = findClaim(pod, name, listers.claims)
    if (typeof claim === 'string') return claim
    if (isBound(claim)) bound.push(claim)
    else if ((claim.spec.volumeName ?? '') === '' && isDelayed(claim, listers.classes)) {
      delayed.push(claim)
    } else isWaiting = true
  }
  return isWaiting ? 'pod has unbound immediate PersistentVolumeClaims' : { bound, delayed }
}

function findClaim(
  pod: Pod,
  { name, isEphemeral }: ClaimName,
  claims: Lister<PersistentVolumeClaim>,
): PersistentVolumeClaim | string {
  const { namespace } = pod.metadata
  const claim = claims.get(`${namespace}/${name}`)
  const what = `persistentvolumeclaim "${name}"`
  if (claim === undefined) {
    if (!isEphemeral) return `${what} not found`
    return `waiting for ephemeral volume controller to create the ${what}`
  }
  if (claim.status.phase === 'Lost') {
    return `${what} bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `${what} is being deleted`
  if (isEphemeral && !isControlledBy(claim, pod)) {
    const owner = `${namespace}/${pod.metadata.name}`
    return `PVC ${namespace}/${name} was not created for pod ${owner} (pod is not owner)`
  }
  return claim
}

/** Both sides have agreed. */
export function isBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (spec.volumeName ?? '') !== '' && metadata.annotations?.[BIND_COMPLETED] !== undefined
}

export function classNameOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[CLASS] ?? spec.storageClassName ?? ''
}

function isDelayed(claim: PersistentVolumeClaim, classes: Lister<StorageClass>): boolean {
  return classes.get(classNameOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer'
}
