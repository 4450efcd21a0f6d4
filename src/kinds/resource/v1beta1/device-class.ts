import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { DeviceClassSpec, DeviceClass as DeviceClassV1 } from '../v1/device-class.ts'

const fields = {
  spec: inVersion(DeviceClassSpec, 'resource.v1', 'resource.v1beta1'),
}

/** A kind of device that claims can ask for. */
export const DeviceClass = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  fields,
  returnsDeletedObject: true,
  columns: [ageColumn],
  storedAs: storedUnderVersion(() => DeviceClassV1, 'resource.k8s.io/v1beta1'),
})
export interface DeviceClass extends StoredObject<typeof fields, 'Cluster'> {}
