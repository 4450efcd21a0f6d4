import type { KindRef } from '../../../machinery/kind.ts'

const POLICIES: ReadonlySet<string> = new Set([
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
])
const WEBHOOKS: ReadonlySet<string> = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
])

/**
 * The configuration of admission itself is judged by no webhook: nobody could mend one that refuses
 * everything.
 */
export function isExemptFromWebhooks({ group, kind }: KindRef): boolean {
  return group === 'admissionregistration.k8s.io' && (POLICIES.has(kind) || WEBHOOKS.has(kind))
}

/** Policies are judged by no policy; the configurations of webhooks are. */
export function isExemptFromPolicies({ group, kind }: KindRef): boolean {
  return group === 'admissionregistration.k8s.io' && POLICIES.has(kind)
}
