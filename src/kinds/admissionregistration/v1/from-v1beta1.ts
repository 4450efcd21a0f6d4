import type { KubeObject } from '../../../machinery/kind.ts'

/** What a webhook is that does not say so; v1 is stricter, or asks for an answer. */
const DEFAULTS = {
  failurePolicy: 'Ignore',
  matchPolicy: 'Exact',
  sideEffects: 'Unknown',
  timeoutSeconds: 30,
}

/** A configuration of webhooks of v1beta1 as v1 has it. */
export function webhooksFromV1beta1(stored: KubeObject): KubeObject {
  const { webhooks } = stored as KubeObject & { readonly webhooks?: readonly object[] }
  if (!webhooks) return stored
  return { ...stored, webhooks: webhooks.map(webhookOf) } as KubeObject
}

function webhookOf(webhook: { readonly admissionReviewVersions?: readonly string[] }): object {
  const { admissionReviewVersions: versions = [] } = webhook
  const admissionReviewVersions = versions.length === 0 ? ['v1beta1'] : versions
  return { ...DEFAULTS, ...webhook, admissionReviewVersions }
}

/** A binding of v1alpha1: a parameter that is missing denies, where it does not say so. */
export function policyBindingFromAlpha(stored: KubeObject): KubeObject {
  if (!stored.apiVersion.endsWith('/v1alpha1')) return stored
  const { spec } = stored as KubeObject & { readonly spec?: { readonly paramRef?: object } }
  if (!spec?.paramRef) return stored
  const paramRef = { parameterNotFoundAction: 'Deny', ...spec.paramRef }
  return { ...stored, spec: { ...spec, paramRef } } as KubeObject
}
