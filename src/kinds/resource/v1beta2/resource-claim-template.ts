import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { withDeviceCounts } from '../v1/device-claim-defaults.ts'
import {
  ResourceClaimTemplateSpec,
  ResourceClaimTemplate as ResourceClaimTemplateV1,
} from '../v1/resource-claim-template.ts'

const fields = {
  spec: inVersion(ResourceClaimTemplateSpec, 'resource.v1', 'resource.v1beta2'),
}

/** The claims that are made for pods. */
export const ResourceClaimTemplate = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta2',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  fields,
  setDefaults(template) {
    const spec = withDeviceCounts(template.spec.spec)
    if (spec === template.spec.spec) return template
    return { ...template, spec: { ...template.spec, spec } }
  },
  returnsDeletedObject: true,
  hasGeneration: false,
  columns: [ageColumn],
  storedAs: storedUnderVersion(() => ResourceClaimTemplateV1, 'resource.k8s.io/v1beta2'),
})
export interface ResourceClaimTemplate extends StoredObject<typeof fields, 'Namespaced'> {}
