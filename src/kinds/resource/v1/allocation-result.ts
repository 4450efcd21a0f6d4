import { type Infer, s } from '../../../machinery/schema.ts'
import { NodeSelector } from '../../core/v1/node-selector.ts'
import { DeviceToleration } from './device-claim.ts'
import { OpaqueDeviceConfiguration } from './device-selector.ts'

/** The device that was allocated to a request. */
export const DeviceRequestAllocationResult = s.struct('resource.v1.DeviceRequestAllocationResult', {
  request: s.string(),
  driver: s.string(),
  pool: s.string(),
  device: s.string(),
  adminAccess: s.bool().optional().pointer(),
  tolerations: s.list(DeviceToleration, { listType: 'atomic' }).optional(),
  bindingConditions: s.list(s.string(), { listType: 'atomic' }).optional(),
  bindingFailureConditions: s.list(s.string(), { listType: 'atomic' }).optional(),
  shareID: s.string().optional().pointer(),
  consumedCapacity: s.map(s.quantity()).optional(),
})
export interface DeviceRequestAllocationResult
  extends Infer<typeof DeviceRequestAllocationResult> {}

/** Configuration that a driver gets for what was allocated. */
export const DeviceAllocationConfiguration = s.struct('resource.v1.DeviceAllocationConfiguration', {
  source: s.oneOf('FromClaim', 'FromClass'),
  requests: s.list(s.string(), { listType: 'atomic' }).optional(),
  opaque: OpaqueDeviceConfiguration.optional(),
})
export interface DeviceAllocationConfiguration
  extends Infer<typeof DeviceAllocationConfiguration> {}

/** The devices that were allocated, with their configuration. */
export const DeviceAllocationResult = s.struct('resource.v1.DeviceAllocationResult', {
  results: s.list(DeviceRequestAllocationResult, { listType: 'atomic' }).optional(),
  config: s.list(DeviceAllocationConfiguration, { listType: 'atomic' }).optional(),
})
export interface DeviceAllocationResult extends Infer<typeof DeviceAllocationResult> {}

/** The devices that a claim has got, and from where they can be used. */
export const AllocationResult = s.struct('resource.v1.AllocationResult', {
  devices: DeviceAllocationResult.default({}),
  nodeSelector: NodeSelector.optional(),
  allocationTimestamp: s.time().optional().pointer(),
})
export interface AllocationResult extends Infer<typeof AllocationResult> {}
