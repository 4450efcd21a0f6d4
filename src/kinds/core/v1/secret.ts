import { setOwn } from '../../../base/json.ts'
import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { validateSecret, validateSecretUpdate } from './secret-validation.ts'
import { secretWarnings } from './tls-secret-warnings.ts'

const fields = {
  immutable: s.bool().optional().pointer(),
  data: s.map(s.bytes()).optional(),
  stringData: s.map(s.string()).optional(),
  type: s.string().default('Opaque'),
}

/** Texts are for writing: they become data, over what is there under the same key. */
function withStringData(secret: Secret): Secret {
  const { stringData, ...rest } = secret
  if (stringData === undefined) return secret
  const data: Record<string, string> = { ...secret.data }
  for (const [key, text] of Object.entries(stringData)) {
    setOwn(data, key, Buffer.from(text).toString('base64'))
  }
  return { ...rest, data }
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
  setDefaults: withStringData,
  warningsOnCreate: secretWarnings,
  warningsOnUpdate: secretWarnings,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
})
export interface Secret extends StoredObject<typeof fields, 'Namespaced'> {}
