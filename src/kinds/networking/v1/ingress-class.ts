import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, defaultName } from '../../column-text.ts'
import { validateIngressClass, validateIngressClassUpdate } from './ingress-class-validation.ts'

/** The object that configures an ingress class. */
export const IngressClassParametersReference = s.struct(
  'networking.v1.IngressClassParametersReference',
  {
    apiGroup: s.string().optional().pointer(),
    kind: s.string(),
    name: s.string(),
    scope: s.string().default('Cluster').pointer(),
    namespace: s.string().optional().pointer(),
  },
)
export interface IngressClassParametersReference
  extends Infer<typeof IngressClassParametersReference> {}

/** The controller of an ingress class, and its parameters. */
export const IngressClassSpec = s.struct('networking.v1.IngressClassSpec', {
  controller: s.string().optional(),
  parameters: IngressClassParametersReference.optional(),
})
export interface IngressClassSpec extends Infer<typeof IngressClassSpec> {}

const fields = {
  spec: IngressClassSpec.default({}),
}

/** The controller that serves some of the ingresses. */
export const IngressClass = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  fields,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      of: ({ metadata }) => defaultName(metadata, 'ingressclass.kubernetes.io/is-default-class'),
    },
    { name: 'Controller', type: 'string', of: ({ spec }) => spec.controller },
    {
      name: 'Parameters',
      type: 'string',
      of({ spec }) {
        const { kind, apiGroup, name } = spec.parameters ?? {}
        if (kind === undefined) return '<none>'
        return apiGroup === undefined ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`
      },
    },
    ageColumn,
  ],
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
})
export interface IngressClass extends StoredObject<typeof fields, 'Cluster'> {}
