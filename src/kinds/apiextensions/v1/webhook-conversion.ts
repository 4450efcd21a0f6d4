import { type Infer, s } from '../../../machinery/schema.ts'

/** The service behind which a conversion webhook answers. */
export const ServiceReference = s.struct('apiextensions.v1.ServiceReference', {
  namespace: s.string(),
  name: s.string(),
  path: s.string().optional().pointer(),
  port: s.int32().default(443).pointer(),
})
export interface ServiceReference extends Infer<typeof ServiceReference> {}

/** How to reach a conversion webhook. */
export const WebhookClientConfig = s.struct('apiextensions.v1.WebhookClientConfig', {
  url: s.string().optional().pointer(),
  service: ServiceReference.optional(),
  caBundle: s.bytes().optional(),
})
export interface WebhookClientConfig extends Infer<typeof WebhookClientConfig> {}

/** The webhook that converts between versions. */
export const WebhookConversion = s.struct('apiextensions.v1.WebhookConversion', {
  clientConfig: WebhookClientConfig.optional(),
  conversionReviewVersions: s.list(s.string(), { listType: 'atomic' }),
})
export interface WebhookConversion extends Infer<typeof WebhookConversion> {}

/** How objects are converted between versions. */
export const CustomResourceConversion = s.struct('apiextensions.v1.CustomResourceConversion', {
  strategy: s.string(),
  webhook: WebhookConversion.optional(),
})
export interface CustomResourceConversion extends Infer<typeof CustomResourceConversion> {}
