import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { validateCsiNode, validateCsiNodeUpdate } from './csi-node-validation.ts'

/** How many volumes a driver can have on a node. */
export const VolumeNodeResources = s.struct('storage.v1.VolumeNodeResources', {
  count: s.int32().optional().pointer(),
})
export interface VolumeNodeResources extends Infer<typeof VolumeNodeResources> {}

/** A driver on a node, with its name for the node and its limits. */
export const CSINodeDriver = s.struct('storage.v1.CSINodeDriver', {
  name: s.string(),
  nodeID: s.string(),
  topologyKeys: s.list(s.string(), { listType: 'atomic' }).optional().nullWhenEmpty(),
  allocatable: VolumeNodeResources.optional(),
})
export interface CSINodeDriver extends Infer<typeof CSINodeDriver> {}

/** The drivers of a node. */
export const CSINodeSpec = s.struct('storage.v1.CSINodeSpec', {
  drivers: s
    .list(CSINodeDriver, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .nullWhenEmpty(),
})
export interface CSINodeSpec extends Infer<typeof CSINodeSpec> {}

const fields = {
  spec: CSINodeSpec,
}

/** The CSI drivers of a node. */
export const CSINode = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'new' },
  allowsUnconditionalUpdate: false,
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  validate: validateCsiNode,
  validateUpdate: validateCsiNodeUpdate,
  columns: [
    { name: 'Drivers', type: 'integer', of: ({ spec }) => spec.drivers?.length ?? 0 },
    ageColumn,
  ],
})
export interface CSINode extends StoredObject<typeof fields, 'Cluster'> {}
