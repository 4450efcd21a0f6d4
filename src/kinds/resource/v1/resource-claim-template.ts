import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { EmbeddedMeta } from '../../../machinery/object-meta.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { ResourceClaimSpec } from './device-claim.ts'
import { withDeviceCounts } from './device-claim-defaults.ts'
import {
  validateResourceClaimTemplate,
  validateResourceClaimTemplateUpdate,
} from './resource-claim-validation.ts'

/** The metadata and the spec of the claims that are made. */
export const ResourceClaimTemplateSpec = s.struct('resource.v1.ResourceClaimTemplateSpec', {
  metadata: EmbeddedMeta.default({}),
  spec: ResourceClaimSpec,
})
export interface ResourceClaimTemplateSpec extends Infer<typeof ResourceClaimTemplateSpec> {}

const fields = {
  spec: ResourceClaimTemplateSpec,
}

/** The claims that are made for pods. */
export const ResourceClaimTemplate = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  fields,
  setDefaults(template) {
    const spec = withDeviceCounts(template.spec.spec)
    if (spec === template.spec.spec) return template
    return { ...template, spec: { ...template.spec, spec } }
  },
  validate: validateResourceClaimTemplate,
  validateUpdate: validateResourceClaimTemplateUpdate,
  returnsDeletedObject: true,
  hasGeneration: false,
  columns: [ageColumn],
})
export interface ResourceClaimTemplate extends StoredObject<typeof fields, 'Namespaced'> {}
