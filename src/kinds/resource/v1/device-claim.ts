import { type Infer, s } from '../../../machinery/schema.ts'
import { DeviceSelector, OpaqueDeviceConfiguration } from './device-selector.ts'

export const CapacityRequirements = s.struct('resource.v1.CapacityRequirements', {
  requests: s.map(s.quantity()).optional(),
})
export interface CapacityRequirements extends Infer<typeof CapacityRequirements> {}

export const DeviceToleration = s.struct('resource.v1.DeviceToleration', {
  key: s.string().optional(),
  operator: s.oneOf('Equal', 'Exists').publishedDefault('Equal'),
  value: s.string().optional(),
  effect: s.oneOf('NoExecute', 'NoSchedule', 'None').optional(),
  tolerationSeconds: s.int64().optional(),
})
export interface DeviceToleration extends Infer<typeof DeviceToleration> {}

export const ExactDeviceRequest = s.struct('resource.v1.ExactDeviceRequest', {
  deviceClassName: s.string(),
  selectors: s.list(DeviceSelector, { listType: 'atomic' }).optional(),
  allocationMode: s.oneOf('All', 'ExactCount').default('ExactCount'),
  count: s.int64().optional(),
  adminAccess: s.bool().optional(),
  tolerations: s.list(DeviceToleration, { listType: 'atomic' }).optional(),
  capacity: CapacityRequirements.optional(),
})
export interface ExactDeviceRequest extends Infer<typeof ExactDeviceRequest> {}

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

export const DeviceRequest = s.struct('resource.v1.DeviceRequest', {
  name: s.string(),
  exactly: ExactDeviceRequest.optional(),
  firstAvailable: s.list(DeviceSubRequest, { listType: 'atomic' }).optional(),
})
export interface DeviceRequest extends Infer<typeof DeviceRequest> {}

export const DeviceConstraint = s.struct('resource.v1.DeviceConstraint', {
  requests: s.list(s.string(), { listType: 'atomic' }).optional(),
  matchAttribute: s.string().optional(),
  distinctAttribute: s.string().optional(),
})
export interface DeviceConstraint extends Infer<typeof DeviceConstraint> {}

export const DeviceClaimConfiguration = s.struct('resource.v1.DeviceClaimConfiguration', {
  requests: s.list(s.string(), { listType: 'atomic' }).optional(),
  opaque: OpaqueDeviceConfiguration.optional(),
})
export interface DeviceClaimConfiguration extends Infer<typeof DeviceClaimConfiguration> {}

export const DeviceClaim = s.struct('resource.v1.DeviceClaim', {
  requests: s.list(DeviceRequest, { listType: 'atomic' }).optional(),
  constraints: s.list(DeviceConstraint, { listType: 'atomic' }).optional(),
  config: s.list(DeviceClaimConfiguration, { listType: 'atomic' }).optional(),
})
export interface DeviceClaim extends Infer<typeof DeviceClaim> {}

export const ResourceClaimSpec = s.struct('resource.v1.ResourceClaimSpec', {
  devices: DeviceClaim.default({}),
})
export interface ResourceClaimSpec extends Infer<typeof ResourceClaimSpec> {}
