import { collected } from '../../../machinery/field-error.ts'
import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { withFields } from '../../../machinery/map-shared.ts'
import { labelsText } from '../../column-text.ts'
import { raiseGeneration } from '../../generation.ts'
import { setTemplateDefaults } from './pod-spec-defaults.ts'
import { PodTemplateSpec } from './pod-template-spec.ts'
import { validatePodTemplate } from './pod-validation.ts'

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
  setDefaults: (object) => withFields(object, { template: setTemplateDefaults(object.template) }),
  validate: ({ template }, path) =>
    collected(validatePodTemplate, template, path.child('template')),
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
