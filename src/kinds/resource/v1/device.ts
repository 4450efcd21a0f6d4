import { type Infer, s } from '../../../machinery/schema.ts'
import { NodeSelector } from '../../core/v1/node-selector.ts'

/** The least, the most and the step of what may be asked for. */
export const CapacityRequestPolicyRange = s.struct('resource.v1.CapacityRequestPolicyRange', {
  min: s.quantity().pointer(),
  max: s.quantity().optional().pointer(),
  step: s.quantity().optional().pointer(),
})
export interface CapacityRequestPolicyRange extends Infer<typeof CapacityRequestPolicyRange> {}

/** How much of a capacity may be asked for, and what is taken by default. */
export const CapacityRequestPolicy = s.struct('resource.v1.CapacityRequestPolicy', {
  default: s.quantity().orNull(),
  validValues: s.list(s.quantity(), { listType: 'atomic' }).optional(),
  validRange: CapacityRequestPolicyRange.optional(),
})
export interface CapacityRequestPolicy extends Infer<typeof CapacityRequestPolicy> {}

/** A quantity that devices share. */
export const Counter = s.struct('resource.v1.Counter', {
  value: s.quantity(),
})
export interface Counter extends Infer<typeof Counter> {}

/** Counters that devices draw from together. */
export const CounterSet = s.struct('resource.v1.CounterSet', {
  name: s.string(),
  counters: s.map(Counter),
})
export interface CounterSet extends Infer<typeof CounterSet> {}

/** A value that describes a device; one of the fields is set. */
export const DeviceAttribute = s.struct('resource.v1.DeviceAttribute', {
  int: s.int64().optional().pointer(),
  bool: s.bool().optional().pointer(),
  string: s.string().optional().pointer(),
  version: s.string().optional().pointer(),
  ints: s.list(s.int64(), { listType: 'atomic' }).optional(),
  bools: s.list(s.bool(), { listType: 'atomic' }).optional(),
  strings: s.list(s.string(), { listType: 'atomic' }).optional(),
  versions: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface DeviceAttribute extends Infer<typeof DeviceAttribute> {}

/** How much of something a device has, and how it may be shared out. */
export const DeviceCapacity = s.struct('resource.v1.DeviceCapacity', {
  value: s.quantity(),
  requestPolicy: CapacityRequestPolicy.optional(),
})
export interface DeviceCapacity extends Infer<typeof DeviceCapacity> {}

/** What a device draws from shared counters. */
export const DeviceCounterConsumption = s.struct('resource.v1.DeviceCounterConsumption', {
  counterSet: s.string(),
  counters: s.map(Counter),
})
export interface DeviceCounterConsumption extends Infer<typeof DeviceCounterConsumption> {}

/** Keeps claims that do not tolerate it off a device. */
export const DeviceTaint = s.struct('resource.v1.DeviceTaint', {
  key: s.string(),
  value: s.string().optional(),
  effect: s.oneOf('NoExecute', 'NoSchedule', 'None'),
  timeAdded: s.time().optional().pointer(),
})
export interface DeviceTaint extends Infer<typeof DeviceTaint> {}

/** How a device counts against resources of the node. */
export const NodeAllocatableResourceMapping = s.struct(
  'resource.v1.NodeAllocatableResourceMapping',
  {
    capacityKey: s.string().optional().pointer(),
    allocationMultiplier: s.quantity().optional().pointer(),
  },
)
export interface NodeAllocatableResourceMapping
  extends Infer<typeof NodeAllocatableResourceMapping> {}

/** A device: its attributes, capacities, and from which nodes it is reached. */
export const Device = s.struct('resource.v1.Device', {
  name: s.string(),
  attributes: s.map(DeviceAttribute).optional(),
  capacity: s.map(DeviceCapacity).optional(),
  consumesCounters: s.list(DeviceCounterConsumption, { listType: 'atomic' }).optional(),
  nodeName: s.string().optional().pointer(),
  nodeSelector: NodeSelector.optional(),
  allNodes: s.bool().optional().pointer(),
  taints: s.list(DeviceTaint, { listType: 'atomic' }).optional(),
  bindsToNode: s.bool().optional().pointer(),
  bindingConditions: s.list(s.string(), { listType: 'atomic' }).optional(),
  bindingFailureConditions: s.list(s.string(), { listType: 'atomic' }).optional(),
  allowMultipleAllocations: s.bool().optional().pointer(),
  nodeAllocatableResourceMappings: s.map(NodeAllocatableResourceMapping).optional(),
})
export interface Device extends Infer<typeof Device> {}
