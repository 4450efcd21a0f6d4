import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

export const VolumeNodeResources = s.struct('storage.v1.VolumeNodeResources', {
  count: s.int32().optional(),
})
export interface VolumeNodeResources extends Infer<typeof VolumeNodeResources> {}

export const CSINodeDriver = s.struct('storage.v1.CSINodeDriver', {
  name: s.string(),
  nodeID: s.string(),
  topologyKeys: s.list(s.string(), { listType: 'atomic' }).optional(),
  allocatable: VolumeNodeResources.optional(),
})
export interface CSINodeDriver extends Infer<typeof CSINodeDriver> {}

export const CSINodeSpec = s.struct('storage.v1.CSINodeSpec', {
  drivers: s.list(CSINodeDriver, {
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
})
export interface CSINodeSpec extends Infer<typeof CSINodeSpec> {}

export const CSINode = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  allowsUnconditionalUpdate: false,
  fields: {
    spec: CSINodeSpec,
  },
})
export interface CSINode extends ObjectOfKind<typeof CSINode> {}
