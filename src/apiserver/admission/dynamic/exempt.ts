import type { KindRef } from '../../../machinery/kind.ts'

const CONFIGURATIONS = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
])

/**
 * The configuration of admission itself is judged by no webhook and no policy: nobody could mend
 * one that refuses everything.
 */
export function isExempt({ group, kind }: KindRef): boolean {
  return group === 'admissionregistration.k8s.io' && CONFIGURATIONS.has(kind)
}
