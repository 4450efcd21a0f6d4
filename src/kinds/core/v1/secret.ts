import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { validateSecret, validateSecretUpdate } from './secret-validation.ts'

const fields = {
  immutable: s.bool().optional().pointer(),
  data: s.map(s.bytes()).optional(),
  stringData: s.map(s.string()).optional(),
  type: s.string().default('Opaque'),
}

/** Confidential data that pods read as variables or files. */
export const Secret = defineKind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  fields,
  selectableFields: {
    type: ({ type }) => type,
  },
  columns: [
    { name: 'Type', type: 'string', of: ({ type }) => type },
    { name: 'Data', type: 'string', of: ({ data = {} }) => Object.keys(data).length },
    ageColumn,
  ],
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
})
export interface Secret extends StoredObject<typeof fields, 'Namespaced'> {}
