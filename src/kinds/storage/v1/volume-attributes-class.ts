import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import {
  validateAttributesClass,
  validateAttributesClassUpdate,
} from './volume-attributes-class-validation.ts'

const fields = {
  driverName: s.string(),
  parameters: s.map(s.string()).optional(),
}

/** Attributes of volumes that can be changed later. */
export const VolumeAttributesClass = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['vac'],
  fields,
  returnsDeletedObject: true,
  validate: validateAttributesClass,
  validateUpdate: validateAttributesClassUpdate,
  columns: [{ name: 'DriverName', type: 'string', of: ({ driverName }) => driverName }, ageColumn],
})
export interface VolumeAttributesClass extends StoredObject<typeof fields, 'Cluster'> {}
