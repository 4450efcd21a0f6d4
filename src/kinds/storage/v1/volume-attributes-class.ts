import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'

/** Attributes of volumes that can be changed later. */
export const VolumeAttributesClass = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  shortNames: ['vac'],
  fields: {
    driverName: s.string(),
    parameters: s.map(s.string()).optional(),
  },
})
export interface VolumeAttributesClass extends ObjectOfKind<typeof VolumeAttributesClass> {}
