import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { DeleteOptions } from '../../../machinery/meta-options.ts'

/** Asks for a pod's deletion, as far as disruption budgets allow. */
export const Eviction = defineKind({
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  plural: '',
  scope: 'Namespaced',
  verbs: [],
  isVirtual: true,
  fields: {
    deleteOptions: DeleteOptions.optional(),
  },
})
export interface Eviction extends ObjectOfKind<typeof Eviction> {}
