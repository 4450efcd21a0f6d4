import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { persistentVolumeColumns } from './persistent-volume-columns.ts'
import { persistentVolumeSpecFields } from './persistent-volume-spec.ts'
import {
  prepareVolumeForCreate,
  prepareVolumeForStatusUpdate,
} from './persistent-volume-strategy.ts'
import {
  validatePersistentVolume,
  validatePersistentVolumeStatusUpdate,
  validatePersistentVolumeUpdate,
} from './persistent-volume-validation.ts'
import { persistentVolumeWarnings } from './persistent-volume-warnings.ts'

/** Whether the volume is free, bound, released or failed. */
export const PersistentVolumeStatus = s.struct('core.v1.PersistentVolumeStatus', {
  phase: s.oneOf('Available', 'Bound', 'Failed', 'Pending', 'Released').default('Pending'),
  message: s.string().optional(),
  reason: s.string().optional(),
  lastPhaseTransitionTime: s.time().optional().pointer(),
})
export interface PersistentVolumeStatus extends Infer<typeof PersistentVolumeStatus> {}

const fields = {
  // A volume that is written into an attachment has the same struct without these defaults.
  spec: s
    .struct('core.v1.PersistentVolumeSpec', {
      ...persistentVolumeSpecFields,
      persistentVolumeReclaimPolicy: s.oneOf('Delete', 'Recycle', 'Retain').default('Retain'),
      volumeMode: s.oneOf('Block', 'Filesystem').default('Filesystem').pointer(),
    })
    .default({}),
  status: PersistentVolumeStatus.default({}),
}

/** A piece of storage of the cluster. */
export const PersistentVolume = defineKind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'new twice' },
  shortNames: ['pv'],
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  prepareForCreate: prepareVolumeForCreate,
  prepareForStatusUpdate: prepareVolumeForStatusUpdate,
  columns: persistentVolumeColumns,
  validate: validatePersistentVolume,
  warningsOnCreate: persistentVolumeWarnings,
  warningsOnUpdate: persistentVolumeWarnings,
  validateUpdate: validatePersistentVolumeUpdate,
  validateStatusUpdate: validatePersistentVolumeStatusUpdate,
})
export interface PersistentVolume extends StoredObject<typeof fields, 'Cluster'> {}
