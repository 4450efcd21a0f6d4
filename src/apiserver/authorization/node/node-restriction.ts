import { parseCertificateRequest } from '../../../base/certificate-request.ts'
import type { TokenRequest } from '../../../kinds/authentication/v1/token-request.ts'
import type { CertificateSigningRequest } from '../../../kinds/certificates/v1/certificate-signing-request.ts'
import type { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import type { ResourceSlice } from '../../../kinds/resource/v1/resource-slice.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from '../../admission/admission.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { Authorizer } from '../authorizer.ts'
import { checkAudience } from './check-audience.ts'
import { checkMirrorPod } from './check-mirror-pod.ts'
import { checkNode } from './check-node.ts'
import { checkPodCertificateRequest } from './check-pod-certificate-request.ts'
import { nodeNameOf } from './node-identity.ts'
import { refuse } from './refuse.ts'

const LEASE_NAMESPACE = 'kube-node-lease'
const NODE_SIGNERS = [
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/kube-apiserver-client-kubelet',
]

/**
 * What kubelets may write, seen from the object: their own node and lease, the status of the pods
 * of their node, tokens of those pods. The Node authorizer cannot see it: it knows names only.
 */
export class NodeRestriction implements AdmissionPlugin {
  readonly name = 'NodeRestriction'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE']
  readonly #resources: ResourceTable
  readonly #authorizer: Authorizer

  constructor(resources: ResourceTable, authorizer: Authorizer) {
    this.#resources = resources
    this.#authorizer = authorizer
  }

  async mutate(attributes: AdmissionAttributes): Promise<undefined> {
    const { user, request } = attributes
    const node = nodeNameOf(user)
    if (node === undefined) return
    if (node === '') {
      const who = JSON.stringify(user.name)
      throw refuse(attributes, `could not determine node from user ${who}`)
    }
    const { group, resource } = request.info
    switch (`${group}/${resource}`) {
      case '/pods':
        await this.#checkPod(node, attributes)
        break
      case '/nodes':
        checkNode(node, attributes)
        break
      case '/persistentvolumeclaims':
        checkClaimStatus(node, attributes)
        break
      case '/serviceaccounts':
        await this.#checkToken(node, attributes)
        break
      case 'coordination.k8s.io/leases':
        checkLease(node, attributes)
        break
      case 'storage.k8s.io/csinodes':
        checkOwnName(
          node,
          attributes,
          'can only access CSINode with the same name as the requesting node',
        )
        break
      case 'resource.k8s.io/resourceslices':
        checkResourceSlice(node, attributes)
        break
      case 'certificates.k8s.io/certificatesigningrequests':
        checkSigningRequest(node, attributes)
        break
      case 'certificates.k8s.io/podcertificaterequests':
        await checkPodCertificateRequest(node, attributes, this.#resources)
    }
  }

  async #checkPod(node: string, attributes: AdmissionAttributes): Promise<void> {
    const { operation, subresource, name, namespace, object, oldObject } = attributes
    const quoted = JSON.stringify(node)
    switch (subresource) {
      case '':
        if (operation === 'CREATE') {
          return checkMirrorPod(node, attributes, this.#resources)
        }
        if (operation !== 'DELETE') {
          const what = `unexpected operation "${operation}", node ${quoted}`
          throw refuse(attributes, `${what} can only create and delete mirror pods`)
        }
        if ((await this.#findPod(namespace, name)).spec.nodeName === node) return
        throw refuse(
          attributes,
          `node ${quoted} can only delete pods with spec.nodeName set to itself`,
        )
      case 'status':
        return checkPodStatus(node, attributes, object as Pod, oldObject as Pod)
      case 'eviction':
        if ((await this.#findPod(namespace, name)).spec.nodeName === node) return
        throw refuse(
          attributes,
          `node ${node} can only evict pods with spec.nodeName set to itself`,
        )
      default: {
        const what = `unexpected pod subresource ${JSON.stringify(subresource)}`
        throw refuse(attributes, `${what}, only 'status' and 'eviction' are allowed`)
      }
    }
  }

  /** Only tokens that die with a pod of this node. */
  async #checkToken(node: string, attributes: AdmissionAttributes): Promise<void> {
    const { operation, subresource, namespace, object } = attributes
    if (operation !== 'CREATE' || subresource !== 'token') return
    const request = object as unknown as TokenRequest
    const { apiVersion, kind, name = '', uid = '' } = request.spec.boundObjectRef ?? {}
    if (apiVersion !== 'v1' || kind !== 'Pod' || name === '') {
      throw refuse(attributes, 'node requested token not bound to a pod')
    }
    if (uid === '') {
      throw refuse(attributes, 'node requested token with a pod binding without a uid')
    }
    const pod = await this.#findPod(namespace, name)
    if (pod.metadata.uid !== uid) {
      throw refuse(
        attributes,
        `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
          'The object might have been deleted and then recreated',
      )
    }
    if (pod.spec.nodeName !== node) {
      throw refuse(attributes, 'node requested token bound to a pod scheduled on a different node')
    }
    const { audiences = [] } = request.spec
    const why = await checkAudience(audiences, pod, attributes, this.#resources, this.#authorizer)
    if (why !== undefined) throw refuse(attributes, why)
  }

  async #findPod(namespace: string, name: string): Promise<Pod> {
    return (await this.#resources.store(Pod).get(namespace, name)).object as Pod
  }
}

function checkPodStatus(node: string, attributes: AdmissionAttributes, pod: Pod, old: Pod): void {
  const quoted = JSON.stringify(node)
  if (old.spec.nodeName !== node) {
    const what = 'can only update pod status for pods with spec.nodeName set to itself'
    throw refuse(attributes, `node ${quoted} ${what}`)
  }
  if (!deepEqual(old.metadata.labels ?? {}, pod.metadata.labels ?? {})) {
    throw refuse(attributes, `node ${quoted} cannot update labels through pod status`)
  }
  const { resourceClaimStatuses: claims = [], extendedResourceClaimStatus: extended } = pod.status
  if (!deepEqual(old.status.resourceClaimStatuses ?? [], claims)) {
    throw refuse(attributes, `node ${quoted} cannot update resource claim statues`)
  }
  if (!deepEqual(old.status.extendedResourceClaimStatus, extended)) {
    throw refuse(attributes, `node ${quoted} cannot update extended resource claim status`)
  }
}

function checkClaimStatus(node: string, attributes: AdmissionAttributes): void {
  const { subresource, operation, object, oldObject } = attributes
  if (subresource !== 'status') throw refuse(attributes, 'may only update PVC status')
  if (operation !== 'UPDATE') throw refuse(attributes, `unexpected operation "${operation}"`)
  const [before, after] = [oldObject, object].map((one) =>
    withoutExpansion(one as PersistentVolumeClaim),
  )
  if (deepEqual(before, after)) return
  const what = 'is not allowed to update fields other than status.quantity and status.conditions'
  throw refuse(attributes, `node ${JSON.stringify(node)} ${what}`)
}

/** A claim without what a kubelet reports while it grows the volume. */
function withoutExpansion({ metadata, status, ...rest }: PersistentVolumeClaim): unknown {
  const { resourceVersion: _version, managedFields: _managed, ...names } = metadata
  const {
    capacity: _capacity,
    conditions: _conditions,
    allocatedResources: _allocated,
    allocatedResourceStatuses: _statuses,
    ...others
  } = status
  return { ...rest, metadata: names, status: others }
}

function checkLease(node: string, attributes: AdmissionAttributes): void {
  if (attributes.namespace !== LEASE_NAMESPACE) {
    const why = `can only access leases in the "${LEASE_NAMESPACE}" system namespace`
    throw refuse(attributes, why)
  }
  const why = 'can only access node lease with the same name as the requesting node'
  checkOwnName(node, attributes, why)
}

function checkOwnName(node: string, attributes: AdmissionAttributes, why: string): void {
  const { operation, object, name } = attributes
  const own = operation === 'CREATE' ? object?.metadata.name : name
  if (own !== node) throw refuse(attributes, why)
}

function checkResourceSlice(node: string, attributes: AdmissionAttributes): void {
  const { operation, object, oldObject } = attributes
  if (operation === 'UPDATE') return
  const slice = (operation === 'CREATE' ? object : oldObject) as ResourceSlice | undefined
  if (slice?.spec.nodeName === node) return
  const verb = operation === 'CREATE' ? 'create' : 'delete'
  throw refuse(
    attributes,
    `can only ${verb} ResourceSlice with the same NodeName as the requesting node`,
  )
}

/** A kubelet asks for certificates in its own name only. */
function checkSigningRequest(node: string, attributes: AdmissionAttributes): void {
  const { operation, object } = attributes
  if (operation !== 'CREATE') return
  const { spec } = object as CertificateSigningRequest
  if (!NODE_SIGNERS.includes(spec.signerName)) return
  const wanted = `system:node:${node}`
  if (commonNameOf(attributes, spec.request) === wanted) return
  throw refuse(attributes, `can only create a node CSR with CN=${wanted}`)
}

function commonNameOf(attributes: AdmissionAttributes, request: string): string {
  try {
    return parseCertificateRequest(Buffer.from(request, 'base64').toString('latin1')).commonName
  } catch (error) {
    throw refuse(attributes, `unable to parse csr: ${(error as Error).message}`)
  }
}
