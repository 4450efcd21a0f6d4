import { type Infer, s } from '../../../machinery/schema.ts'

/** Devices by a CEL expression. */
export const CELDeviceSelector = s.struct('resource.v1.CELDeviceSelector', {
  expression: s.string(),
})
export interface CELDeviceSelector extends Infer<typeof CELDeviceSelector> {}

/** A condition on devices. */
export const DeviceSelector = s.struct('resource.v1.DeviceSelector', {
  cel: CELDeviceSelector.optional(),
})
export interface DeviceSelector extends Infer<typeof DeviceSelector> {}

/** Configuration that only the driver understands. */
export const OpaqueDeviceConfiguration = s.struct('resource.v1.OpaqueDeviceConfiguration', {
  driver: s.string(),
  parameters: s.raw(),
})
export interface OpaqueDeviceConfiguration extends Infer<typeof OpaqueDeviceConfiguration> {}
