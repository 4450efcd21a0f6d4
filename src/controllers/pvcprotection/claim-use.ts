import type { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Volume } from '../../kinds/core/v1/volume.ts'

/** The names of the claims that a pod asks for, and of those that are made for it. */
export function claimNamesOf({ metadata, spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap((volume) => claimNameOf(metadata.name, volume) ?? [])
}

/**
 * Whether a pod has a claim. One without a node does not: its kubelet will not start it with a
 * claim that is being deleted. A claim made for the pod is free as soon as nothing of it runs.
 */
export function isUsedBy(claim: PersistentVolumeClaim, { metadata, spec }: Pod): boolean {
  if ((spec.nodeName ?? '') === '') return false
  const { name, ownerReferences = [] } = claim.metadata
  const isMadeForIt = ownerReferences.some(
    ({ controller, uid }) => controller === true && uid === metadata.uid,
  )
  return (spec.volumes ?? []).some((volume) => {
    if (claimNameOf(metadata.name, volume) !== name) return false
    return volume.ephemeral === undefined || (isMadeForIt && !isShutDown({ metadata }))
  })
}

function claimNameOf(podName: string, volume: Volume): string | undefined {
  if (volume.ephemeral !== undefined) return `${podName}-${volume.name}`
  return volume.persistentVolumeClaim?.claimName
}

/**
 * A kubelet has finished with such a pod, or its deletion was forced. It may stay for a finalizer,
 * which in turn may wait for the claim: so it counts no more.
 */
export function isShutDown({ metadata }: Pick<Pod, 'metadata'>): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0
}
