import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { labelsText } from '../../column-text.ts'
import { raiseGeneration } from '../../generation.ts'
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
  returnsDeletedObject: true,
  hasGeneration: true,
  prepareForUpdate: (object, old) => raiseGeneration(object, old, ({ template }) => template),
  columns: [
    {
      name: 'Containers',
      type: 'string',
      of: ({ template }) => template.spec.containers.map(({ name }) => name).join(','),
    },
    {
      name: 'Images',
      type: 'string',
      of: ({ template }) => template.spec.containers.map(({ image = '' }) => image).join(','),
    },
    {
      name: 'Pod Labels',
      type: 'string',
      of: ({ template }) => labelsText(template.metadata.labels),
    },
  ],
})
export interface PodTemplate extends StoredObject<typeof fields, 'Namespaced'> {}
