import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn, defaultName } from '../../column-text.ts'
import { TopologySelectorTerm } from '../../core/v1/node-selector.ts'
import { validateStorageClass, validateStorageClassUpdate } from './storage-class-validation.ts'

const fields = {
  provisioner: s.string(),
  parameters: s.map(s.string()).optional(),
  reclaimPolicy: s.string().default('Delete'),
  mountOptions: s.list(s.string(), { listType: 'atomic' }).optional(),
  allowVolumeExpansion: s.bool().optional().pointer(),
  volumeBindingMode: s.oneOf('Immediate', 'WaitForFirstConsumer').default('Immediate'),
  allowedTopologies: s.list(TopologySelectorTerm, { listType: 'atomic' }).optional(),
}

/** A kind of storage, and how it is made. */
export const StorageClass = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['sc'],
  fields,
  returnsDeletedObject: true,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      of: ({ metadata }) =>
        defaultName(
          metadata,
          'storageclass.kubernetes.io/is-default-class',
          'storageclass.beta.kubernetes.io/is-default-class',
        ),
    },
    { name: 'Provisioner', type: 'string', of: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', type: 'string', of: ({ reclaimPolicy }) => reclaimPolicy },
    { name: 'VolumeBindingMode', type: 'string', of: ({ volumeBindingMode }) => volumeBindingMode },
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      of: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    ageColumn,
  ],
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
})
export interface StorageClass extends StoredObject<typeof fields, 'Cluster'> {}
