import { type Infer, s } from '../../../machinery/schema.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { NodeSelector } from '../../core/v1/node-selector.ts'
import {
  DeviceAttribute,
  DeviceCapacity,
  DeviceCounterConsumption,
  DeviceTaint,
  NodeAllocatableResourceMapping,
} from '../v1/device.ts'

/** The description of a device, in the older form. */
export const BasicDevice = s.struct('resource.v1beta1.BasicDevice', {
  attributes: s.map(inVersion(DeviceAttribute, 'resource.v1', 'resource.v1beta1')).optional(),
  capacity: s.map(inVersion(DeviceCapacity, 'resource.v1', 'resource.v1beta1')).optional(),
  consumesCounters: s
    .list(inVersion(DeviceCounterConsumption, 'resource.v1', 'resource.v1beta1'), {
      listType: 'atomic',
    })
    .optional(),
  nodeName: s.string().optional().pointer(),
  nodeSelector: NodeSelector.optional(),
  allNodes: s.bool().optional().pointer(),
  taints: s
    .list(inVersion(DeviceTaint, 'resource.v1', 'resource.v1beta1'), { listType: 'atomic' })
    .optional(),
  bindsToNode: s.bool().optional().pointer(),
  bindingConditions: s.list(s.string(), { listType: 'atomic' }).optional(),
  bindingFailureConditions: s.list(s.string(), { listType: 'atomic' }).optional(),
  allowMultipleAllocations: s.bool().optional().pointer(),
  nodeAllocatableResourceMappings: s
    .map(inVersion(NodeAllocatableResourceMapping, 'resource.v1', 'resource.v1beta1'))
    .optional(),
})
export interface BasicDevice extends Infer<typeof BasicDevice> {}

/** A device: its attributes, capacities, and from which nodes it is reached. */
export const Device = s.struct('resource.v1beta1.Device', {
  name: s.string(),
  basic: BasicDevice.optional(),
})
export interface Device extends Infer<typeof Device> {}
