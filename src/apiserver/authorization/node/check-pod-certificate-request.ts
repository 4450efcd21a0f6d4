import type { PodCertificateRequest } from '../../../kinds/certificates/v1beta1/pod-certificate-request.ts'
import { Node } from '../../../kinds/core/v1/node.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../../kinds/core/v1/service-account.ts'
import type { KindRef, KubeObject } from '../../../machinery/kind.ts'
import { isReason, StatusError } from '../../../machinery/status-error.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import { MIRROR_ANNOTATION } from './pod-references.ts'
import { refuse } from './refuse.ts'

/**
 * A kubelet asks for certificates of pods that run on its own node, under their own identity. What
 * may be so since the request names what is older or newer than what is here is a 500, as upstream
 * has it: the kubelet tries again. All else is a 403.
 */
export async function checkPodCertificateRequest(
  node: string,
  attributes: AdmissionAttributes,
  resources: ResourceTable,
): Promise<void> {
  const { operation, subresource, namespace } = attributes
  if (operation !== 'CREATE') throw refuse(attributes, `unexpected operation ${operation}`)
  if (subresource !== '') throw refuse(attributes, `unexpected subresource ${subresource}`)
  const { spec } = attributes.object as PodCertificateRequest
  const { podName, nodeName, serviceAccountName } = spec
  const named = `PodCertificateRequest.Spec.NodeName=${quote(nodeName)}`
  if (nodeName !== node) {
    throw refuse(attributes, `${named}, which is not the requesting node ${quote(node)}`)
  }
  const find = <T extends KubeObject>(kind: KindRef<T>, within: string, name: string) =>
    findNamed<T>(resources, kind, within, name)
  const path = quote(`${namespace}/${podName}`)
  const what = `PodCertificateRequest for pod ${path}`

  const { metadata: ofNode } = await find<Node>(Node, '', nodeName)
  if (ofNode.uid !== spec.nodeUID) {
    const names = `names node UID ${quote(spec.nodeUID)}`
    throw otherwise(`${what} ${names}, inconsistent with the running node (${quote(ofNode.uid)})`)
  }
  const pod = await find<Pod>(Pod, namespace, podName)
  const { uid, annotations = {} } = pod.metadata
  if (uid !== spec.podUID) {
    const contains = `contains pod UID (${quote(spec.podUID)})`
    throw otherwise(`${what} ${contains} which differs from running pod ${quote(uid)}`)
  }
  if (pod.spec.nodeName !== node) {
    const where = `is not running on node ${quote(node)} named in the PodCertificateRequest`
    throw refuse(attributes, `pod ${path} ${where}`)
  }
  if (Object.hasOwn(annotations, MIRROR_ANNOTATION))
    throw refuse(attributes, `pod ${path} is a mirror pod`)
  const own = pod.spec.serviceAccountName ?? ''
  if (own !== serviceAccountName) {
    const contains = `contains serviceAccountName (${quote(serviceAccountName)})`
    throw refuse(attributes, `${what} ${contains} that differs from running pod (${quote(own)})`)
  }
  const { metadata: account } = await find<ServiceAccount>(ServiceAccount, namespace, own)
  if (account.uid === spec.serviceAccountUID) return
  const names = `names service account UID ${quote(spec.serviceAccountUID)}`
  const differs = `which differs from the running service account (${quote(account.uid)})`
  throw otherwise(`${what} ${names}, ${differs}`)
}

async function findNamed<T extends KubeObject>(
  resources: ResourceTable,
  kind: KindRef<T>,
  namespace: string,
  name: string,
): Promise<T> {
  try {
    return (await resources.store(kind).get(namespace, name)).object as T
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    const path = quote(namespace === '' ? name : `${namespace}/${name}`)
    const what = kind.kind === 'ServiceAccount' ? 'service account' : kind.kind.toLowerCase()
    const text = (error as Error).message
    throw otherwise(`while retrieving ${what} ${path} named in the PodCertificateRequest: ${text}`)
  }
}

function otherwise(message: string): StatusError {
  return new StatusError('', message)
}

function quote(text: string | undefined): string {
  return JSON.stringify(text ?? '')
}
