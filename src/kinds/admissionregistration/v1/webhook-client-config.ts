import { type Infer, s } from '../../../machinery/schema.ts'

/** Operations and resources that a webhook wants to see. */
export const RuleWithOperations = s.struct('admissionregistration.v1.RuleWithOperations', {
  operations: s
    .list(s.oneOf('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'), { listType: 'atomic' })
    .optional(),
  apiGroups: s.list(s.string(), { listType: 'atomic' }).optional(),
  apiVersions: s.list(s.string(), { listType: 'atomic' }).optional(),
  resources: s.list(s.string(), { listType: 'atomic' }).optional(),
  scope: s.string().default('*').pointer(),
})
export interface RuleWithOperations extends Infer<typeof RuleWithOperations> {}

/** The service behind which a webhook answers. */
export const ServiceReference = s.struct('admissionregistration.v1.ServiceReference', {
  namespace: s.string(),
  name: s.string(),
  path: s.string().optional().pointer(),
  port: s.int32().default(443).pointer(),
})
export interface ServiceReference extends Infer<typeof ServiceReference> {}

/** How to reach a webhook: by URL or by service, and whose certificate to trust. */
export const WebhookClientConfig = s.struct('admissionregistration.v1.WebhookClientConfig', {
  url: s.string().optional().pointer(),
  service: ServiceReference.optional(),
  caBundle: s.bytes().optional(),
})
export interface WebhookClientConfig extends Infer<typeof WebhookClientConfig> {}
