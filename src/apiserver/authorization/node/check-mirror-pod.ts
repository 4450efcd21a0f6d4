import { Node } from '../../../kinds/core/v1/node.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import { configMapsOf, MIRROR_ANNOTATION, secretsOf } from './pod-references.ts'
import { refuse } from './refuse.ts'

/** The only pods that a node creates show its static ones, and give it no rights. */
export async function checkMirrorPod(
  node: string,
  attributes: AdmissionAttributes,
  resources: ResourceTable,
): Promise<void> {
  const pod = attributes.object as Pod
  const quoted = JSON.stringify(node)
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] === undefined) {
    const what = `pod does not have "${MIRROR_ANNOTATION}" annotation, node ${quoted}`
    throw refuse(attributes, `${what} can only create mirror pods`)
  }
  if (pod.spec.nodeName !== node) {
    const what = 'can only create pods with spec.nodeName set to itself'
    throw refuse(attributes, `node ${quoted} ${what}`)
  }
  await checkOwner(node, attributes, pod, resources)
  const referenced = referencedResource(pod)
  if (referenced === undefined) return
  throw refuse(attributes, `node ${quoted} can not create pods that reference ${referenced}`)
}

async function checkOwner(
  node: string,
  attributes: AdmissionAttributes,
  { metadata }: Pod,
  resources: ResourceTable,
): Promise<void> {
  const who = `node ${JSON.stringify(node)}`
  const { ownerReferences = [] } = metadata
  const [owner] = ownerReferences
  if (ownerReferences.length > 1) {
    const why = `${who} can only create pods with a single owner reference set to itself`
    throw refuse(attributes, why)
  }
  const isSelf = owner?.apiVersion === 'v1' && owner.kind === 'Node' && owner.name === node
  if (owner === undefined || !isSelf) {
    const why = `${who} can only create pods with an owner reference set to itself`
    throw refuse(attributes, why)
  }
  if (owner.controller !== true) {
    const why = `${who} can only create pods with a controller owner reference set to itself`
    throw refuse(attributes, why)
  }
  if (owner.blockOwnerDeletion === true) {
    throw refuse(attributes, `${who} must not set blockOwnerDeletion on an owner reference`)
  }
  const { uid } = (await resources.store(Node).get('', node)).object.metadata
  if (owner.uid === uid) return
  throw refuse(attributes, `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`)
}

/** What of the API a pod uses; undefined for none. */
function referencedResource(pod: Pod): string | undefined {
  const { serviceAccountName = '', resourceClaims = [], volumes = [] } = pod.spec
  if (serviceAccountName !== '') return 'serviceaccounts'
  for (const _secret of secretsOf(pod)) return 'secrets'
  for (const _configMap of configMapsOf(pod)) return 'configmaps'
  if (resourceClaims.length > 0) return 'resourceclaims'
  for (const volume of volumes) {
    if (volume.csi !== undefined) return 'csidrivers (via CSI volumes)'
    if (volume.glusterfs !== undefined) return 'endpoints (via glusterFS volumes)'
    if (volume.persistentVolumeClaim !== undefined) return 'persistentvolumeclaims'
    if (volume.ephemeral !== undefined) return 'persistentvolumeclaims (via ephemeral volumes)'
    if (volume.azureFile !== undefined) return 'secrets (via azureFile volumes)'
    for (const source of volume.projected?.sources ?? []) {
      if (source.serviceAccountToken !== undefined) return 'serviceaccounts (via projected volumes)'
      if (source.clusterTrustBundle !== undefined) return 'clustertrustbundles'
      if (source.podCertificate !== undefined) return 'podcertificates'
    }
  }
  return undefined
}
