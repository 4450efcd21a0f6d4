import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { persistentVolumeClaimColumns } from './persistent-volume-claim-columns.ts'
import { PersistentVolumeClaimSpec } from './persistent-volume-claim-spec.ts'
import {
  claimCompletion,
  prepareClaimForCreate,
  prepareClaimForUpdate,
} from './persistent-volume-claim-strategy.ts'
import {
  validateClaim,
  validateClaimStatusUpdate,
  validateClaimUpdate,
} from './persistent-volume-claim-validation.ts'
import { persistentVolumeClaimWarnings } from './persistent-volume-warnings.ts'

/** How far a change of the volume's attributes class is. */
export const ModifyVolumeStatus = s.struct('core.v1.ModifyVolumeStatus', {
  targetVolumeAttributesClassName: s.string().optional(),
  status: s.oneOf('InProgress', 'Infeasible', 'Pending'),
})
export interface ModifyVolumeStatus extends Infer<typeof ModifyVolumeStatus> {}

/** One aspect of a claim's state, such as a resize. */
export const PersistentVolumeClaimCondition = s.struct('core.v1.PersistentVolumeClaimCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastProbeTime: s.time().orNull(),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface PersistentVolumeClaimCondition
  extends Infer<typeof PersistentVolumeClaimCondition> {}

/** What the claim has got, and how far a resize is. */
export const PersistentVolumeClaimStatus = s.struct('core.v1.PersistentVolumeClaimStatus', {
  phase: s.oneOf('Bound', 'Lost', 'Pending').default('Pending'),
  accessModes: s
    .list(s.oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'), {
      listType: 'atomic',
    })
    .optional(),
  capacity: s.map(s.quantity()).optional(),
  conditions: s
    .list(PersistentVolumeClaimCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
  allocatedResources: s.map(s.quantity()).optional(),
  allocatedResourceStatuses: s.map(s.string(), { mapType: 'granular' }).optional(),
  currentVolumeAttributesClassName: s.string().optional().pointer(),
  modifyVolumeStatus: ModifyVolumeStatus.optional(),
})
export interface PersistentVolumeClaimStatus extends Infer<typeof PersistentVolumeClaimStatus> {}

const fields = {
  spec: PersistentVolumeClaimSpec.default({}),
  status: PersistentVolumeClaimStatus.default({}),
}

/** Asks for storage, and stands for it in pods. */
export const PersistentVolumeClaim = defineKind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['pvc'],
  fields,
  completeOnRead: claimCompletion,
  prepareForCreate: prepareClaimForCreate,
  prepareForUpdate: prepareClaimForUpdate,
  returnsDeletedObject: true,
  hasGeneration: false,
  columns: persistentVolumeClaimColumns,
  validate: validateClaim,
  warningsOnCreate: persistentVolumeClaimWarnings,
  warningsOnUpdate: persistentVolumeClaimWarnings,
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatusUpdate,
})
export interface PersistentVolumeClaim extends StoredObject<typeof fields, 'Namespaced'> {}
