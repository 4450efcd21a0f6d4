import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'

/** Confidential data that pods read as variables or files. */
export const Secret = defineKind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  fields: {
    immutable: s.bool().optional(),
    data: s.map(s.bytes()).optional(),
    stringData: s.map(s.string()).optional(),
    type: s.string().default('Opaque'),
  },
})
export interface Secret extends ObjectOfKind<typeof Secret> {}
