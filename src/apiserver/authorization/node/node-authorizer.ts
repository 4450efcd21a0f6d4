import { PodCertificateRequest } from '../../../kinds/certificates/v1beta1/pod-certificate-request.ts'
import { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import { ResourceSlice } from '../../../kinds/resource/v1/resource-slice.ts'
import { VolumeAttachment } from '../../../kinds/storage/v1/volume-attachment.ts'
import { parseFieldSelector } from '../../../machinery/field-selector.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import { type Attributes, type Authorizer, type Decision, NO_OPINION } from '../authorizer.ts'
import { parseRule } from '../bootstrap/bootstrap-policy.ts'
import { CLUSTER_ROLES } from '../bootstrap/cluster-roles.data.ts'
import { type FollowContext, followObjects } from '../follow-objects.ts'
import { ruleAllows } from '../rule-matching.ts'
import { NodeGraph } from './node-graph.ts'
import { nodeNameOf } from './node-identity.ts'

const ALLOW: Decision = { verdict: 'Allow', reason: '' }
const LEASE_NAMESPACE = 'kube-node-lease'
const OWN_OBJECT_VERBS = ['get', 'create', 'update', 'patch', 'delete']

/** The rules of the role `system:node`, for what is the same for all nodes. */
const NODE_RULES = (CLUSTER_ROLES.find(({ name }) => name === 'system:node')?.rules ?? []).map(
  parseRule,
)

/** What one node may do with one resource. */
type Rule = (node: string, attributes: Attributes, graph: NodeGraph) => Decision

/** By `group/resource`: resources of which a node sees its own part only. */
const RULES: Readonly<Record<string, Rule>> = {
  '/secrets': readNamespaced('secret'),
  '/configmaps': readNamespaced('configmap'),
  '/persistentvolumeclaims': (node, attributes, graph) =>
    attributes.subresource === 'status'
      ? updateStatus('persistentvolumeclaim', node, attributes, graph)
      : getOnly('persistentvolumeclaim')(node, attributes, graph),
  '/persistentvolumes': getOnly('persistentvolume'),
  'resource.k8s.io/resourceclaims': getOnly('resourceclaim'),
  'storage.k8s.io/volumeattachments': getOnly('volumeattachment'),
  '/serviceaccounts': serviceAccounts,
  'coordination.k8s.io/leases': leases,
  'storage.k8s.io/csinodes': csiNodes,
  'resource.k8s.io/resourceslices': resourceSlices,
  '/nodes': nodes,
  '/pods': pods,
  'certificates.k8s.io/podcertificaterequests': podCertificateRequests,
}

/**
 * What kubelets may do: read the secrets, config maps, claims and volumes that the pods of their
 * node need and no others, their own node and lease, and what the role `system:node` names.
 */
export class NodeAuthorizer implements Authorizer {
  readonly #graph = new NodeGraph()

  /** Follows pods and volumes in the store until the signal aborts; resolves once read. */
  async follow(resources: ResourceTable, context: FollowContext): Promise<void> {
    const graph = this.#graph
    await Promise.all([
      followObjects(resources.store(Pod), context, graph.pods),
      followObjects(resources.store(PersistentVolume), context, graph.persistentVolumes),
      followObjects(
        resources.store(VolumeAttachment),
        context,
        graph.owned('volumeattachment', (one) => (one as VolumeAttachment).spec.nodeName),
      ),
      followObjects(
        resources.store(ResourceSlice),
        context,
        graph.owned('resourceslice', (one) => (one as ResourceSlice).spec.nodeName),
      ),
      followObjects(
        resources.store(PodCertificateRequest),
        context,
        graph.owned('podcertificaterequest', (one) => (one as PodCertificateRequest).spec.nodeName),
      ),
    ])
  }

  authorize(attributes: Attributes): Decision {
    const node = nodeNameOf(attributes.user)
    if (node === undefined) return NO_OPINION
    if (node === '') return no(`unknown node for user ${JSON.stringify(attributes.user.name)}`)
    const { isResourceRequest, group, resource } = attributes
    const rule = isResourceRequest ? RULES[`${group}/${resource}`] : undefined
    if (rule !== undefined) return rule(node, attributes, this.#graph)
    return NODE_RULES.some((one) => ruleAllows(one, attributes)) ? ALLOW : NO_OPINION
  }
}

function no(reason: string): Decision {
  return { verdict: 'NoOpinion', reason }
}

function related(
  kind: string,
  node: string,
  { namespace, name }: Attributes,
  graph: NodeGraph,
): Decision {
  if (name === '') return no('No Object name found')
  if (graph.leadsTo(node, kind, namespace, name)) return ALLOW
  return no(`no relationship found between node '${node}' and this object`)
}

function getOnly(kind: string): Rule {
  return (node, attributes, graph) => {
    if (attributes.verb !== 'get') return no('can only get individual resources of this type')
    if (attributes.subresource !== '') return no('cannot get subresource')
    return related(kind, node, attributes, graph)
  }
}

function readNamespaced(kind: string): Rule {
  return (node, attributes, graph) => {
    const { verb, subresource, namespace } = attributes
    if (!['get', 'list', 'watch'].includes(verb)) return no('can only read resources of this type')
    if (subresource !== '') return no('cannot read subresource')
    if (namespace === '') return no('can only read namespaced object of this type')
    return related(kind, node, attributes, graph)
  }
}

function updateStatus(
  kind: string,
  node: string,
  attributes: Attributes,
  graph: NodeGraph,
): Decision {
  if (attributes.verb !== 'update' && attributes.verb !== 'patch') {
    return no('can only get/update/patch this type')
  }
  return related(kind, node, attributes, graph)
}

function serviceAccounts(node: string, attributes: Attributes, graph: NodeGraph): Decision {
  const { verb, subresource, name } = attributes
  if (verb === 'get' && subresource === '') {
    return readNamespaced('serviceaccount')(node, attributes, graph)
  }
  if (verb !== 'create' || name === '') {
    return no('can only create tokens for individual service accounts')
  }
  if (subresource !== 'token') return no('can only create token subresource of serviceaccount')
  return related('serviceaccount', node, attributes, graph)
}

function leases(node: string, { verb, namespace, name }: Attributes): Decision {
  if (!OWN_OBJECT_VERBS.includes(verb)) {
    return no('can only get, create, update, patch, or delete a node lease')
  }
  if (namespace !== LEASE_NAMESPACE) {
    return no(`can only access leases in the "${LEASE_NAMESPACE}" system namespace`)
  }
  // Which lease is created is not known here: NodeRestriction looks at it.
  if (verb !== 'create' && name !== node) {
    return no('can only access node lease with the same name as the requesting node')
  }
  return ALLOW
}

function csiNodes(node: string, { verb, subresource, name }: Attributes): Decision {
  if (!OWN_OBJECT_VERBS.includes(verb)) {
    return no('can only get, create, update, patch, or delete a CSINode')
  }
  if (subresource !== '') return no('cannot authorize CSINode subresources')
  if (verb !== 'create' && name !== node) {
    return no('can only access CSINode with the same name as the requesting node')
  }
  return ALLOW
}

function resourceSlices(node: string, attributes: Attributes, graph: NodeGraph): Decision {
  const { verb, subresource } = attributes
  if (subresource !== '') return no('cannot authorize ResourceSlice subresources')
  switch (verb) {
    case 'create':
      return ALLOW
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related('resourceslice', node, { ...attributes, namespace: '' }, graph)
    case 'watch':
    case 'list':
    case 'deletecollection':
      if (selects(attributes, 'spec.nodeName', node)) return ALLOW
      return no('can only list/watch/deletecollection resourceslices with nodeName field selector')
    default:
      return no(
        'only the following verbs are allowed for a ResourceSlice: ' +
          'get, watch, list, create, update, patch, delete, deletecollection',
      )
  }
}

function podCertificateRequests(node: string, attributes: Attributes, graph: NodeGraph): Decision {
  const { verb, subresource } = attributes
  if (subresource !== '') {
    return no('nodes may not access the status subresource of PodCertificateRequests')
  }
  if (verb === 'create') return ALLOW
  if (verb === 'get') return related('podcertificaterequest', node, attributes, graph)
  if (verb !== 'list' && verb !== 'watch') return no(`nodes may not ${verb} podcertificaterequests`)
  if (selects(attributes, 'spec.nodeName', node)) return ALLOW
  return no('can only list/watch podcertificaterequests with nodeName field selector')
}

/** Names are compared rather than looked up: a kubelet asks for its node before it creates it. */
function nodes(node: string, { verb, subresource, name }: Attributes): Decision {
  if (subresource === 'status') {
    return verb === 'update' || verb === 'patch' ? ALLOW : NO_OPINION
  }
  if (subresource !== '') return NO_OPINION
  // That these are about its own node is for NodeRestriction to see.
  if (verb === 'create' || verb === 'update' || verb === 'patch') return ALLOW
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return NO_OPINION
  if (name === node) return ALLOW
  if (name === '') return no(`node '${node}' cannot read all nodes, only its own Node object`)
  return no(`node '${node}' cannot read '${name}', only its own Node object`)
}

function pods(node: string, attributes: Attributes, graph: NodeGraph): Decision {
  const { verb, subresource, name } = attributes
  if (subresource === 'status') {
    return verb === 'update' || verb === 'patch' ? ALLOW : NO_OPINION
  }
  if (subresource === 'eviction') return verb === 'create' ? ALLOW : NO_OPINION
  if (subresource !== '') return NO_OPINION
  switch (verb) {
    case 'get':
      return related('pod', node, attributes, graph)
    case 'list':
    case 'watch':
      if (selects(attributes, 'spec.nodeName', node)) return ALLOW
      if (name !== '') return related('pod', node, attributes, graph)
      return no('can only list/watch pods with spec.nodeName field selector')
    case 'create':
    case 'delete':
      // Mirror pods only, and only its own: NodeRestriction looks at them.
      return ALLOW
    default:
      return NO_OPINION
  }
}

/** Whether the request is about nothing else than what has this value. */
function selects({ fieldSelector }: Attributes, field: string, value: string): boolean {
  if (fieldSelector === '') return false
  try {
    return parseFieldSelector(fieldSelector).requirements.some(
      (one) => one.field === field && one.operator === '=' && one.value === value,
    )
  } catch {
    return false
  }
}
