import type { Node } from '../../../kinds/core/v1/node.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'
import { refuse } from './refuse.ts'

/** Labels by which workloads are kept on trusted nodes: no node gives them to itself. */
const RESTRICTED_NAMESPACE = 'node-restriction.kubernetes.io'
/** Of Kubernetes' own labels, those that kubelets set. */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io']

/** A node writes itself only, and nothing by which it could draw workloads. */
export function checkNode(name: string, attributes: AdmissionAttributes): void {
  const { operation, object, oldObject } = attributes
  const requested = attributes.name === '' ? (object?.metadata.name ?? '') : attributes.name
  const quoted = JSON.stringify(name)
  if (requested !== name) {
    const why = `node ${quoted} is not allowed to modify node ${JSON.stringify(requested)}`
    throw refuse(attributes, why)
  }
  const node = object as Node | undefined
  if (node === undefined) return
  if (operation === 'CREATE') {
    const labels = forbiddenLabels(node.metadata.labels ?? {}, {})
    if (labels.length === 0) return
    const what = 'is not allowed to set the following labels'
    throw refuse(attributes, `node ${quoted} ${what}: ${labels.join(', ')}`)
  }
  const old = oldObject as Node
  if (!deepEqual(node.spec.taints ?? [], old.spec.taints ?? [])) {
    throw refuse(attributes, `node ${quoted} is not allowed to modify taints`)
  }
  if (!deepEqual(node.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) {
    throw refuse(attributes, `node ${quoted} is not allowed to modify ownerReferences`)
  }
  const labels = forbiddenLabels(node.metadata.labels ?? {}, old.metadata.labels ?? {})
  if (labels.length === 0) return
  throw refuse(attributes, `is not allowed to modify labels: ${labels.join(', ')}`)
}

type Labels = Readonly<Record<string, string>>

function forbiddenLabels(labels: Labels, old: Labels): readonly string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(old)])
  return [...keys].filter((key) => labels[key] !== old[key] && isForbidden(key)).toSorted()
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/')
  const namespace = slash < 0 ? '' : key.slice(0, slash)
  if (isWithin(namespace, RESTRICTED_NAMESPACE)) return true
  if (!isWithin(namespace, 'kubernetes.io') && !isWithin(namespace, 'k8s.io')) return false
  if (KUBELET_LABELS.has(key)) return false
  return !KUBELET_NAMESPACES.some((one) => isWithin(namespace, one))
}

function isWithin(namespace: string, parent: string): boolean {
  return namespace === parent || namespace.endsWith(`.${parent}`)
}
