import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, selectorColumnText } from '../../column-text.ts'
import { setNetworkPolicyDefaults } from './network-policy-defaults.ts'
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from './network-policy-validation.ts'

/** A range of addresses, with exceptions. */
export const IPBlock = s.struct('networking.v1.IPBlock', {
  cidr: s.string(),
  except: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface IPBlock extends Infer<typeof IPBlock> {}

/** A port or a range of ports. */
export const NetworkPolicyPort = s.struct('networking.v1.NetworkPolicyPort', {
  protocol: s.string().default('TCP').pointer(),
  port: s.intOrString().optional().pointer(),
  endPort: s.int32().optional().pointer(),
})
export interface NetworkPolicyPort extends Infer<typeof NetworkPolicyPort> {}

/** Pods, namespaces or addresses. */
export const NetworkPolicyPeer = s.struct('networking.v1.NetworkPolicyPeer', {
  podSelector: LabelSelector.optional(),
  namespaceSelector: LabelSelector.optional(),
  ipBlock: IPBlock.optional(),
})
export interface NetworkPolicyPeer extends Infer<typeof NetworkPolicyPeer> {}

/** Ports and peers from which traffic may come. */
export const NetworkPolicyIngressRule = s.struct('networking.v1.NetworkPolicyIngressRule', {
  ports: s.list(NetworkPolicyPort, { listType: 'atomic' }).optional(),
  from: s.list(NetworkPolicyPeer, { listType: 'atomic' }).optional(),
})
export interface NetworkPolicyIngressRule extends Infer<typeof NetworkPolicyIngressRule> {}

/** Ports and peers to which traffic may go. */
export const NetworkPolicyEgressRule = s.struct('networking.v1.NetworkPolicyEgressRule', {
  ports: s.list(NetworkPolicyPort, { listType: 'atomic' }).optional(),
  to: s.list(NetworkPolicyPeer, { listType: 'atomic' }).optional(),
})
export interface NetworkPolicyEgressRule extends Infer<typeof NetworkPolicyEgressRule> {}

/** The pods that a policy applies to, and what it allows. */
export const NetworkPolicySpec = s.struct('networking.v1.NetworkPolicySpec', {
  podSelector: LabelSelector.default({}),
  ingress: s.list(NetworkPolicyIngressRule, { listType: 'atomic' }).optional(),
  egress: s.list(NetworkPolicyEgressRule, { listType: 'atomic' }).optional(),
  policyTypes: s.list(s.oneOf('Egress', 'Ingress'), { listType: 'atomic' }).filled(),
})
export interface NetworkPolicySpec extends Infer<typeof NetworkPolicySpec> {}

const fields = {
  spec: NetworkPolicySpec.default({}),
}

/** Which traffic is allowed to and from some pods. */
export const NetworkPolicy = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  scope: 'Namespaced',
  shortNames: ['netpol'],
  fields,
  setDefaults: setNetworkPolicyDefaults,
  columns: [
    {
      name: 'Pod-Selector',
      type: 'string',
      of: ({ spec }) => selectorColumnText(spec.podSelector),
    },
    ageColumn,
  ],
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
})
export interface NetworkPolicy extends StoredObject<typeof fields, 'Namespaced'> {}
