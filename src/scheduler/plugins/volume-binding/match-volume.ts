import type { Node } from '../../../kinds/core/v1/node.ts'
import type { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import type { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import type { StorageClass } from '../../../kinds/storage/v1/storage-class.ts'
import { selectorOf } from '../../../machinery/label-selector.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { matchesNodeSelector } from '../node-selector.ts'
import { classNameOf } from './pod-claims.ts'

const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

/** Whether a volume can be reached from a node. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required
  return required === undefined || matchesNodeSelector(required, node)
}

/** The smallest volume that a claim can have on a node (upstream's FindMatchingVolume). */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
  isFree: (volume: PersistentVolume) => boolean,
): PersistentVolume | undefined {
  const { spec } = claim
  const wanted = parseQuantity(spec.resources.requests?.['storage'] ?? '0')
  const selector = spec.selector === undefined ? undefined : selectorOf(spec.selector)
  let best: PersistentVolume | undefined
  for (const volume of volumes) {
    const { metadata, spec: offered } = volume
    if (metadata.deletionTimestamp !== undefined || !isFree(volume)) continue
    if ((offered.storageClassName ?? '') !== classNameOf(claim)) continue
    if ((offered.volumeMode ?? 'Filesystem') !== spec.volumeMode) continue
    if (!(spec.accessModes ?? []).every((mode) => offered.accessModes?.includes(mode))) continue
    if (capacityOf(volume).compare(wanted) < 0 || !isReachable(volume, node)) continue
    if (selector?.matches(metadata.labels) === false) continue
    // One that was reserved for the claim beforehand is the one.
    if (offered.claimRef !== undefined) return volume
    if (best === undefined || capacityOf(volume).compare(capacityOf(best)) < 0) best = volume
  }
  return best
}

function capacityOf({ spec }: PersistentVolume) {
  return parseQuantity(spec.capacity?.['storage'] ?? '0')
}

/** Whether a volume can be made for a node: somebody does it, and the place is allowed. */
export function canProvision(storageClass: StorageClass | undefined, node: Node): boolean {
  const { provisioner = '', allowedTopologies = [] } = storageClass ?? {}
  if (provisioner === '' || provisioner === NO_PROVISIONER) return false
  const labels = node.metadata.labels ?? {}
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(
        ({ key, values }) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? ''),
      ),
    )
  )
}
