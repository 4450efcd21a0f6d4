import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { validateConfigMap, validateConfigMapUpdate } from './config-map-validation.ts'

const fields = {
  immutable: s.bool().optional().pointer(),
  data: s.map(s.string()).optional(),
  binaryData: s.map(s.bytes()).optional(),
}

/** Configuration that pods read as variables or files. */
export const ConfigMap = defineKind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['cm'],
  fields,
  columns: [
    {
      name: 'Data',
      type: 'string',
      of: ({ data = {}, binaryData = {} }) =>
        Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
})
export interface ConfigMap extends StoredObject<typeof fields, 'Namespaced'> {}
