import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { s } from '../../../machinery/schema.ts'
import { validateCapacity, validateCapacityUpdate } from './csi-storage-capacity-validation.ts'

const fields = {
  nodeTopology: LabelSelector.optional(),
  storageClassName: s.string(),
  capacity: s.quantity().optional().pointer(),
  maximumVolumeSize: s.quantity().optional().pointer(),
}

/** How much storage of a class is left in some place. */
export const CSIStorageCapacity = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  allowsUnconditionalUpdate: false,
  fields,
  validate: validateCapacity,
  validateUpdate: validateCapacityUpdate,
})
export interface CSIStorageCapacity extends StoredObject<typeof fields, 'Namespaced'> {}
