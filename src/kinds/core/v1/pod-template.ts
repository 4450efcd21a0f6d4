import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { PodTemplateSpec } from './pod-template-spec.ts'

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
