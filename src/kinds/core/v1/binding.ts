import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { ObjectReference } from './object-reference.ts'

/** Puts a pod on a node. */
export const Binding = defineKind({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  scope: 'Namespaced',
  verbs: ['create'],
  isVirtual: true,
  fields: {
    target: ObjectReference,
  },
})
export interface Binding extends ObjectOfKind<typeof Binding> {}
