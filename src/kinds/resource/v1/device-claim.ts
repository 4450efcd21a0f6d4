import { type Infer, s } from '../../../machinery/schema.ts'
import { DeviceSelector, OpaqueDeviceConfiguration } from './device-selector.ts'

/** How much of a device's capacities is wanted. */
export const CapacityRequirements = s.struct('resource.v1.CapacityRequirements', {
  requests: s.map(s.quantity()).optional(),
})
export interface CapacityRequirements extends Infer<typeof CapacityRequirements> {}

/** Lets a request get devices with a taint, or keep them for a time. */
export const DeviceToleration = s.struct('resource.v1.DeviceToleration', {
  key: s.string().optional(),
  operator: s.oneOf('Equal', 'Exists').publishedDefault('Equal'),
  value: s.string().optional(),
  effect: s.oneOf('NoExecute', 'NoSchedule', 'None').optional(),
  tolerationSeconds: s.int64().optional().pointer(),
})
export interface DeviceToleration extends Infer<typeof DeviceToleration> {}

/** How many devices of which class are wanted. */
export const ExactDeviceRequest = s.struct('resource.v1.ExactDeviceRequest', {
  deviceClassName: s.string(),
  selectors: s.list(DeviceSelector, { listType: 'atomic' }).optional(),
  allocationMode: s.oneOf('All', 'ExactCount').default('ExactCount'),
  count: s.int64().optional(),
  adminAccess: s.bool().optional().pointer(),
  tolerations: s.list(DeviceToleration, { listType: 'atomic' }).optional(),
  capacity: CapacityRequirements.optional(),
})
export interface ExactDeviceRequest extends Infer<typeof ExactDeviceRequest> {}

/** One of several alternatives of a request, in order of preference. */
export const DeviceSubRequest = s.struct('resource.v1.DeviceSubRequest', {
  name: s.string(),
  deviceClassName: s.string(),
  selectors: s.list(DeviceSelector, { listType: 'atomic' }).optional(),
  allocationMode: s.oneOf('All', 'ExactCount').default('ExactCount'),
  count: s.int64().optional(),
  tolerations: s.list(DeviceToleration, { listType: 'atomic' }).optional(),
  capacity: CapacityRequirements.optional(),
})
export interface DeviceSubRequest extends Infer<typeof DeviceSubRequest> {}

/** Devices that are wanted under one name. */
export const DeviceRequest = s.struct('resource.v1.DeviceRequest', {
  name: s.string(),
  exactly: ExactDeviceRequest.optional(),
  firstAvailable: s.list(DeviceSubRequest, { listType: 'atomic' }).optional(),
})
export interface DeviceRequest extends Infer<typeof DeviceRequest> {}

/** What the devices of some requests must have in common, or must not. */
export const DeviceConstraint = s.struct('resource.v1.DeviceConstraint', {
  requests: s.list(s.string(), { listType: 'atomic' }).optional(),
  matchAttribute: s.string().optional().pointer(),
  distinctAttribute: s.string().optional().pointer(),
})
export interface DeviceConstraint extends Infer<typeof DeviceConstraint> {}

/** Configuration of a claim, for some of its requests or all. */
export const DeviceClaimConfiguration = s.struct('resource.v1.DeviceClaimConfiguration', {
  requests: s.list(s.string(), { listType: 'atomic' }).optional(),
  opaque: OpaqueDeviceConfiguration.optional(),
})
export interface DeviceClaimConfiguration extends Infer<typeof DeviceClaimConfiguration> {}

/** Which devices are wanted, and how they must go together. */
export const DeviceClaim = s.struct('resource.v1.DeviceClaim', {
  requests: s.list(DeviceRequest, { listType: 'atomic' }).optional().nullWhenEmpty(),
  constraints: s.list(DeviceConstraint, { listType: 'atomic' }).optional(),
  config: s.list(DeviceClaimConfiguration, { listType: 'atomic' }).optional(),
})
export interface DeviceClaim extends Infer<typeof DeviceClaim> {}

/** The devices that are wanted. */
export const ResourceClaimSpec = s.struct('resource.v1.ResourceClaimSpec', {
  devices: DeviceClaim.default({}),
})
export interface ResourceClaimSpec extends Infer<typeof ResourceClaimSpec> {}
