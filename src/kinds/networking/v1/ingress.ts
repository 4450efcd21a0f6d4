import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { TypedLocalObjectReference } from '../../core/v1/object-reference.ts'
import { ingressFromV1beta1 } from './from-v1beta1.ts'
import { ingressColumns } from './ingress-columns.ts'
import {
  validateIngress,
  validateIngressStatusUpdate,
  validateIngressUpdate,
} from './ingress-validation.ts'
import { ingressWarnings } from './ingress-warnings.ts'

/** A port of a service, by name or number. */
export const ServiceBackendPort = s.struct(
  'networking.v1.ServiceBackendPort',
  {
    name: s.string().optional(),
    number: s.int32().optional(),
  },
  { mapType: 'atomic' },
)
export interface ServiceBackendPort extends Infer<typeof ServiceBackendPort> {}

/** A service and one of its ports. */
export const IngressServiceBackend = s.struct('networking.v1.IngressServiceBackend', {
  name: s.string(),
  port: ServiceBackendPort.default({}),
})
export interface IngressServiceBackend extends Infer<typeof IngressServiceBackend> {}

/** Where requests go: to a service or to another object. */
export const IngressBackend = s.struct('networking.v1.IngressBackend', {
  service: IngressServiceBackend.optional(),
  resource: TypedLocalObjectReference.optional(),
})
export interface IngressBackend extends Infer<typeof IngressBackend> {}

/** A path, and the backend that serves it. */
export const HTTPIngressPath = s.struct('networking.v1.HTTPIngressPath', {
  path: s.string().optional(),
  pathType: s.oneOf('Exact', 'ImplementationSpecific', 'Prefix').pointer(),
  backend: IngressBackend,
})
export interface HTTPIngressPath extends Infer<typeof HTTPIngressPath> {}

/** The paths of a host. */
export const HTTPIngressRuleValue = s.struct('networking.v1.HTTPIngressRuleValue', {
  paths: s.list(HTTPIngressPath, { listType: 'atomic' }),
})
export interface HTTPIngressRuleValue extends Infer<typeof HTTPIngressRuleValue> {}

/** The certificate for some hosts. */
export const IngressTLS = s.struct('networking.v1.IngressTLS', {
  hosts: s.list(s.string(), { listType: 'atomic' }).optional(),
  secretName: s.string().optional(),
})
export interface IngressTLS extends Infer<typeof IngressTLS> {}

/** What becomes of requests for one host. */
export const IngressRule = s.struct('networking.v1.IngressRule', {
  host: s.string().optional(),
  http: HTTPIngressRuleValue.optional(),
})
export interface IngressRule extends Infer<typeof IngressRule> {}

/** The rules, certificates and class of an ingress. */
export const IngressSpec = s.struct('networking.v1.IngressSpec', {
  ingressClassName: s.string().optional().pointer(),
  defaultBackend: IngressBackend.optional(),
  tls: s.list(IngressTLS, { listType: 'atomic' }).optional(),
  rules: s.list(IngressRule, { listType: 'atomic' }).optional(),
})
export interface IngressSpec extends Infer<typeof IngressSpec> {}

/** A port of an ingress, and what is wrong with it. */
export const IngressPortStatus = s.struct('networking.v1.IngressPortStatus', {
  port: s.int32(),
  protocol: s.string(),
  error: s.string().optional().pointer(),
})
export interface IngressPortStatus extends Infer<typeof IngressPortStatus> {}

/** One address or name at which an ingress is reached. */
export const IngressLoadBalancerIngress = s.struct('networking.v1.IngressLoadBalancerIngress', {
  ip: s.string().optional(),
  hostname: s.string().optional(),
  ports: s.list(IngressPortStatus, { listType: 'atomic' }).optional(),
})
export interface IngressLoadBalancerIngress extends Infer<typeof IngressLoadBalancerIngress> {}

/** Where an ingress is reached. */
export const IngressLoadBalancerStatus = s.struct('networking.v1.IngressLoadBalancerStatus', {
  ingress: s.list(IngressLoadBalancerIngress, { listType: 'atomic' }).optional(),
})
export interface IngressLoadBalancerStatus extends Infer<typeof IngressLoadBalancerStatus> {}

/** Where an ingress is reached. */
export const IngressStatus = s.struct('networking.v1.IngressStatus', {
  loadBalancer: IngressLoadBalancerStatus.default({}),
})
export interface IngressStatus extends Infer<typeof IngressStatus> {}

const fields = {
  spec: IngressSpec.default({}),
  status: IngressStatus.default({}),
}

/** Routes HTTP from outside to services, by host and path. */
export const Ingress = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  scope: 'Namespaced',
  fromOtherVersion: ingressFromV1beta1,
  metadataRules: { onUpdate: 'both' },
  shortNames: ['ing'],
  storagePrefix: 'ingress',
  fields,
  columns: ingressColumns,
  warningsOnCreate: ingressWarnings,
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  validateStatusUpdate: validateIngressStatusUpdate,
})
export interface Ingress extends StoredObject<typeof fields, 'Namespaced'> {}
