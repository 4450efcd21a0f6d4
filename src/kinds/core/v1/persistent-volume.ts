import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { PersistentVolumeSpec } from './persistent-volume-spec.ts'

/** Whether the volume is free, bound, released or failed. */
export const PersistentVolumeStatus = s.struct('core.v1.PersistentVolumeStatus', {
  phase: s.oneOf('Available', 'Bound', 'Failed', 'Pending', 'Released').default('Pending'),
  message: s.string().optional(),
  reason: s.string().optional(),
  lastPhaseTransitionTime: s.time().optional(),
})
export interface PersistentVolumeStatus extends Infer<typeof PersistentVolumeStatus> {}

/** A piece of storage of the cluster. */
export const PersistentVolume = defineKind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'Cluster',
  shortNames: ['pv'],
  fields: {
    spec: PersistentVolumeSpec.default({}),
    status: PersistentVolumeStatus.default({}),
  },
})
export interface PersistentVolume extends ObjectOfKind<typeof PersistentVolume> {}
