import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import { accessModesText } from './access-modes-text.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import { CLASS_ANNOTATION } from './persistent-volume-columns.ts'

/** What `kubectl get persistentvolumeclaims` shows; capacity and modes once a volume is bound. */
export const persistentVolumeClaimColumns: readonly PrinterColumn<PersistentVolumeClaim>[] = [
  {
    name: 'Status',
    type: 'string',
    of: ({ metadata, status }) => {
      return metadata.deletionTimestamp === undefined ? status.phase : 'Terminating'
    },
  },
  { name: 'Volume', type: 'string', of: ({ spec }) => spec.volumeName ?? '' },
  {
    name: 'Capacity',
    type: 'string',
    of: ({ spec, status }) => (spec.volumeName ? (status.capacity?.['storage'] ?? '0') : ''),
  },
  {
    name: 'Access Modes',
    type: 'string',
    of: ({ spec, status }) => (spec.volumeName ? accessModesText(status.accessModes) : ''),
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
  ageColumn,
  { name: 'VolumeMode', type: 'string', wide: true, of: ({ spec }) => spec.volumeMode },
]
