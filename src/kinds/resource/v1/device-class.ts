import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { validateDeviceClass, validateDeviceClassUpdate } from './device-class-validation.ts'
import { DeviceSelector, OpaqueDeviceConfiguration } from './device-selector.ts'

/** Configuration that all devices of a class get. */
export const DeviceClassConfiguration = s.struct('resource.v1.DeviceClassConfiguration', {
  opaque: OpaqueDeviceConfiguration.optional(),
})
export interface DeviceClassConfiguration extends Infer<typeof DeviceClassConfiguration> {}

/** Which devices belong to a class, and their configuration. */
export const DeviceClassSpec = s.struct('resource.v1.DeviceClassSpec', {
  selectors: s.list(DeviceSelector, { listType: 'atomic' }).optional(),
  config: s.list(DeviceClassConfiguration, { listType: 'atomic' }).optional(),
  extendedResourceName: s.string().optional().pointer(),
})
export interface DeviceClassSpec extends Infer<typeof DeviceClassSpec> {}

const fields = {
  spec: DeviceClassSpec,
}

/** A kind of device that claims can ask for. */
export const DeviceClass = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both', ignoresNamePrefix: true },
  fields,
  validate: validateDeviceClass,
  validateUpdate: validateDeviceClassUpdate,
  returnsDeletedObject: true,
  columns: [ageColumn],
})
export interface DeviceClass extends StoredObject<typeof fields, 'Cluster'> {}
