import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { ageColumn } from '../../column-text.ts'
import { VolumeAttributesClass as VolumeAttributesClassV1 } from '../v1/volume-attributes-class.ts'

const fields = {
  driverName: s.string(),
  parameters: s.map(s.string()).optional(),
}

/** Attributes of volumes that can be changed later. */
export const VolumeAttributesClass = defineKind({
  group: 'storage.k8s.io',
  version: 'v1beta1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  shortNames: ['vac'],
  fields,
  returnsDeletedObject: true,
  columns: [{ name: 'DriverName', type: 'string', of: ({ driverName }) => driverName }, ageColumn],
  storedAs: storedUnderVersion(() => VolumeAttributesClassV1, 'storage.k8s.io/v1beta1'),
})
export interface VolumeAttributesClass extends StoredObject<typeof fields, 'Cluster'> {}
