import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { NodeSelector } from '../../core/v1/node-selector.ts'
import { CounterSet, Device } from './device.ts'
import { withoutFeatures } from './devices-without-features.ts'
import {
  resourceSliceWarnings,
  validateResourceSlice,
  validateResourceSliceUpdate,
} from './resource-slice-validation.ts'
import { withTaintTimes } from './taint-times.ts'

/** Slices that describe devices together, in which generation. */
export const ResourcePool = s.struct('resource.v1.ResourcePool', {
  name: s.string(),
  generation: s.int64(),
  resourceSliceCount: s.int64(),
})
export interface ResourcePool extends Infer<typeof ResourcePool> {}

/** The devices, their pool, and the nodes from which they are reached. */
export const ResourceSliceSpec = s.struct('resource.v1.ResourceSliceSpec', {
  driver: s.string(),
  pool: ResourcePool,
  nodeName: s.string().optional().pointer(),
  nodeSelector: NodeSelector.optional(),
  allNodes: s.bool().optional().pointer(),
  devices: s.list(Device, { listType: 'atomic' }).optional(),
  perDeviceNodeSelection: s.bool().optional().pointer(),
  sharedCounters: s.list(CounterSet, { listType: 'atomic' }).optional(),
})
export interface ResourceSliceSpec extends Infer<typeof ResourceSliceSpec> {}

const fields = {
  spec: ResourceSliceSpec,
}

/** Devices that a driver offers. */
export const ResourceSlice = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  fields,
  prepareForCreate: (slice, context) => withTaintTimes(withoutFeatures(slice), context),
  prepareForUpdate: (slice, old, context) => withTaintTimes(withoutFeatures(slice, old), context),
  validate: validateResourceSlice,
  validateUpdate: validateResourceSliceUpdate,
  warningsOnCreate: resourceSliceWarnings,
  warningsOnUpdate: resourceSliceWarnings,
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
})
export interface ResourceSlice extends StoredObject<typeof fields, 'Cluster'> {}
