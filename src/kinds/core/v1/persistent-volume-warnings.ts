import { FieldPath } from '../../../machinery/field-error.ts'
import { byteWarnings } from './container-warnings.ts'
import { nodeSelectorTermWarnings } from './node-label-warnings.ts'
import type { PersistentVolume } from './persistent-volume.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'

const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class'
const ANNOTATIONS = [
  [OLD_CLASS, 'deprecated since v1.8; use "storageClassName" attribute instead'],
  [
    'volume.beta.kubernetes.io/mount-options',
    'deprecated since v1.31; use "mountOptions" attribute instead',
  ],
] as const
const RECYCLE =
  'The Recycle reclaim policy is deprecated. ' +
  'Instead, the recommended approach is to use dynamic provisioning.'
const SOURCES = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const

/** What works in a volume, but hardly as it was meant, or not any more. */
export function* persistentVolumeWarnings({ metadata, spec }: PersistentVolume): Iterable<string> {
  for (const [key, warning] of ANNOTATIONS) {
    if (metadata.annotations?.[key] !== undefined) yield `metadata.annotations[${key}]: ${warning}`
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    yield `spec.persistentVolumeReclaimPolicy: ${RECYCLE}`
  }
  const termsPath = FieldPath.root.child('spec', 'nodeAffinity', 'required', 'nodeSelectorTerms')
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    yield* nodeSelectorTermWarnings(term, false, termsPath.index(index))
  }
  for (const [field, name, warning] of SOURCES) {
    if (spec[field] !== undefined) yield `spec.${name}: ${warning}`
  }
}

/** As for volumes: an annotation of old, and sizes that are not whole bytes. */
export function* persistentVolumeClaimWarnings(claim: PersistentVolumeClaim): Iterable<string> {
  const { metadata, spec } = claim
  if (metadata.annotations?.[OLD_CLASS] !== undefined) {
    const warning = 'deprecated since v1.8; use "storageClassName" attribute instead'
    yield `metadata.annotations[${OLD_CLASS}]: ${warning}`
  }
  const path = FieldPath.root.child('spec', 'resources')
  for (const field of ['requests', 'limits'] as const) {
    const storage = spec.resources[field]?.['storage']
    if (storage !== undefined) yield* byteWarnings({ storage }, path.child(field))
  }
}
