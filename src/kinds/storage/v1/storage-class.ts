import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { TopologySelectorTerm } from '../../core/v1/node-selector.ts'

const fields = {
  provisioner: s.string(),
  parameters: s.map(s.string()).optional(),
  reclaimPolicy: s.string().default('Delete'),
  mountOptions: s.list(s.string(), { listType: 'atomic' }).optional(),
  allowVolumeExpansion: s.bool().optional(),
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
  shortNames: ['sc'],
  fields,
})
export interface StorageClass extends StoredObject<typeof fields, 'Cluster'> {}
