import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { PodTemplateSpec } from './pod-template-spec.ts'

/** A pod template that is kept as an object of its own. */
export const PodTemplate = defineKind({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  fields: {
    template: PodTemplateSpec.default({}),
  },
})
export interface PodTemplate extends ObjectOfKind<typeof PodTemplate> {}
