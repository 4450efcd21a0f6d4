import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import { accessModesText } from './access-modes-text.ts'
import type { PersistentVolume } from './persistent-volume.ts'

/** Where the class stood before it had a field. */
export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** What `kubectl get persistentvolumes` shows. */
export const persistentVolumeColumns: readonly PrinterColumn<PersistentVolume>[] = [
  { name: 'Capacity', type: 'string', of: ({ spec }) => spec.capacity?.['storage'] ?? '0' },
  { name: 'Access Modes', type: 'string', of: ({ spec }) => accessModesText(spec.accessModes) },
  { name: 'Reclaim Policy', type: 'string', of: ({ spec }) => spec.persistentVolumeReclaimPolicy },
  {
    name: 'Status',
    type: 'string',
    of: ({ metadata, status }) => {
      return metadata.deletionTimestamp === undefined ? status.phase : 'Terminating'
    },
  },
  {
    name: 'Claim',
    type: 'string',
    of: ({ spec: { claimRef } }) => {
      return claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`
    },
  },
  {
    name: 'StorageClass',
    type: 'string',
    of: ({ metadata, spec }) => {
      return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? ''
    },
  },
  {
    name: 'VolumeAttributesClass',
    type: 'string',
    of: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
  },
  { name: 'Reason', type: 'string', of: ({ status }) => status.reason ?? '' },
  ageColumn,
  { name: 'VolumeMode', type: 'string', wide: true, of: ({ spec }) => spec.volumeMode },
]
