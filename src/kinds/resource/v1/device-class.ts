import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { DeviceSelector, OpaqueDeviceConfiguration } from './device-selector.ts'

export const DeviceClassConfiguration = s.struct('resource.v1.DeviceClassConfiguration', {
  opaque: OpaqueDeviceConfiguration.optional(),
})
export interface DeviceClassConfiguration extends Infer<typeof DeviceClassConfiguration> {}

export const DeviceClassSpec = s.struct('resource.v1.DeviceClassSpec', {
  selectors: s.list(DeviceSelector, { listType: 'atomic' }).optional(),
  config: s.list(DeviceClassConfiguration, { listType: 'atomic' }).optional(),
  extendedResourceName: s.string().optional(),
})
export interface DeviceClassSpec extends Infer<typeof DeviceClassSpec> {}

export const DeviceClass = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  fields: {
    spec: DeviceClassSpec,
  },
})
export interface DeviceClass extends ObjectOfKind<typeof DeviceClass> {}
