import type { NetworkPolicy } from './network-policy.ts'

/** A policy that does not say so is about traffic in, and about traffic out where it has rules. */
export function setNetworkPolicyDefaults(policy: NetworkPolicy): NetworkPolicy {
  const { spec } = policy
  const { policyTypes = [], egress = [] } = spec as Partial<NetworkPolicy['spec']>
  if (policyTypes.length > 0) return policy
  const types = egress.length > 0 ? ['Ingress' as const, 'Egress' as const] : ['Ingress' as const]
  return { ...policy, spec: { ...spec, policyTypes: types } }
}
