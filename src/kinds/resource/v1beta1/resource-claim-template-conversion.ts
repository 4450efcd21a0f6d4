import type { KubeObject, StoredAs } from '../../../machinery/kind.ts'
import { ResourceClaimTemplate as StoredTemplate } from '../v1/resource-claim-template.ts'
import { servedClaimSpec, storedClaimSpec } from './device-claim-conversion.ts'
import type { ResourceClaimTemplate } from './resource-claim-template.ts'

/** Templates are stored as v1, which only describes the requests otherwise. */
export const resourceClaimTemplateConversion: StoredAs = {
  kind: () => StoredTemplate,
  toStored(object: KubeObject): StoredTemplate {
    const template = object as ResourceClaimTemplate
    const spec = { ...template.spec, spec: storedClaimSpec(template.spec.spec) }
    return { ...template, apiVersion: StoredTemplate.apiVersion, spec }
  },
  fromStored(object: KubeObject): ResourceClaimTemplate {
    const template = object as StoredTemplate
    const spec = { ...template.spec, spec: servedClaimSpec(template.spec.spec) }
    return { ...template, apiVersion: 'resource.k8s.io/v1beta1', spec }
  },
}
