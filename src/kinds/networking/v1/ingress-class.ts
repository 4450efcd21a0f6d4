import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

export const IngressClassParametersReference = s.struct(
  'networking.v1.IngressClassParametersReference',
  {
    apiGroup: s.string().optional(),
    kind: s.string(),
    name: s.string(),
    scope: s.string().default('Cluster'),
    namespace: s.string().optional(),
  },
)
export interface IngressClassParametersReference
  extends Infer<typeof IngressClassParametersReference> {}

export const IngressClassSpec = s.struct('networking.v1.IngressClassSpec', {
  controller: s.string().optional(),
  parameters: IngressClassParametersReference.optional(),
})
export interface IngressClassSpec extends Infer<typeof IngressClassSpec> {}

export const IngressClass = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  fields: {
    spec: IngressClassSpec.default({}),
  },
})
export interface IngressClass extends ObjectOfKind<typeof IngressClass> {}
