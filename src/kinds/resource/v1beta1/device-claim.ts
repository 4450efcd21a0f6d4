import { type Infer, s } from '../../../machinery/schema.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import {
  CapacityRequirements,
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceSubRequest,
  DeviceToleration,
} from '../v1/device-claim.ts'
import { DeviceSelector } from '../v1/device-selector.ts'

/** Devices that are wanted under one name. */
export const DeviceRequest = s.struct('resource.v1beta1.DeviceRequest', {
  name: s.string(),
  deviceClassName: s.string().publishedDefault(''),
  selectors: s
    .list(inVersion(DeviceSelector, 'resource.v1', 'resource.v1beta1'), { listType: 'atomic' })
    .optional(),
  allocationMode: s.oneOf('All', 'ExactCount').optional(),
  count: s.int64().optional(),
  adminAccess: s.bool().optional().pointer(),
  firstAvailable: s
    .list(inVersion(DeviceSubRequest, 'resource.v1', 'resource.v1beta1'), { listType: 'atomic' })
    .optional(),
  tolerations: s
    .list(inVersion(DeviceToleration, 'resource.v1', 'resource.v1beta1'), { listType: 'atomic' })
    .optional(),
  capacity: inVersion(CapacityRequirements, 'resource.v1', 'resource.v1beta1').optional(),
})
export interface DeviceRequest extends Infer<typeof DeviceRequest> {}

/** Which devices are wanted, and how they must go together. */
export const DeviceClaim = s.struct('resource.v1beta1.DeviceClaim', {
  requests: s.list(DeviceRequest, { listType: 'atomic' }).optional().nullWhenEmpty(),
  constraints: s
    .list(inVersion(DeviceConstraint, 'resource.v1', 'resource.v1beta1'), { listType: 'atomic' })
    .optional(),
  config: s
    .list(inVersion(DeviceClaimConfiguration, 'resource.v1', 'resource.v1beta1'), {
      listType: 'atomic',
    })
    .optional(),
})
export interface DeviceClaim extends Infer<typeof DeviceClaim> {}

/** The devices that are wanted. */
export const ResourceClaimSpec = s.struct('resource.v1beta1.ResourceClaimSpec', {
  devices: DeviceClaim.default({}),
})
export interface ResourceClaimSpec extends Infer<typeof ResourceClaimSpec> {}
