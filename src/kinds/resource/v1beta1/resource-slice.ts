import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { NodeSelector } from '../../core/v1/node-selector.ts'
import { CounterSet } from '../v1/device.ts'
import { ResourcePool } from '../v1/resource-slice.ts'
import { Device } from './device.ts'
import { resourceSliceConversion } from './resource-slice-conversion.ts'

/** The devices, their pool, and the nodes from which they are reached. */
export const ResourceSliceSpec = s.struct('resource.v1beta1.ResourceSliceSpec', {
  driver: s.string(),
  pool: inVersion(ResourcePool, 'resource.v1', 'resource.v1beta1'),
  nodeName: s.string().optional(),
  nodeSelector: NodeSelector.optional(),
  allNodes: s.bool().optional(),
  devices: s.list(Device, { listType: 'atomic' }).optional(),
  perDeviceNodeSelection: s.bool().optional().pointer(),
  sharedCounters: s
    .list(inVersion(CounterSet, 'resource.v1', 'resource.v1beta1'), { listType: 'atomic' })
    .optional(),
})
export interface ResourceSliceSpec extends Infer<typeof ResourceSliceSpec> {}

const fields = {
  spec: ResourceSliceSpec,
}

/** Devices that a driver offers. */
export const ResourceSlice = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  fields,
  returnsDeletedObject: true,
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },
  columns: [
    { name: 'Node', type: 'string', of: ({ spec }) => spec.nodeName ?? '' },
    { name: 'Driver', type: 'string', of: ({ spec }) => spec.driver },
    { name: 'Pool', type: 'string', of: ({ spec }) => spec.pool.name },
    ageColumn,
  ],
  storedAs: resourceSliceConversion,
})
export interface ResourceSlice extends StoredObject<typeof fields, 'Cluster'> {}
