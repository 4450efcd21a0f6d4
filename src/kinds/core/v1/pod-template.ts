import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { PodTemplateSpec } from './pod-template-spec.ts'

const fields = {
  template: PodTemplateSpec.default({}),
}

/** A pod template that is kept as an object of its own. */
export const PodTemplate = defineKind({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  fields,
})
export interface PodTemplate extends StoredObject<typeof fields, 'Namespaced'> {}
