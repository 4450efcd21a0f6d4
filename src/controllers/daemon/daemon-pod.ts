import type { DaemonSet } from '../../kinds/apps/v1/daemon-set.ts'
import type { Affinity } from '../../kinds/core/v1/affinity.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodSpec } from '../../kinds/core/v1/pod-spec.ts'
import type { PodTemplateSpec } from '../../kinds/core/v1/pod-template-spec.ts'
import type { Toleration } from '../../kinds/core/v1/toleration.ts'
import { REVISION_HASH } from '../runtime/controller-history.ts'
import { matchesNodeAffinity } from '../runtime/node-affinity.ts'
import { tolerates } from '../runtime/taints.ts'

const NODE_NAME_FIELD = 'metadata.name'
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
const TEMPLATE_GENERATION_LABEL = 'pod-template-generation'

type Effect = 'NoExecute' | 'NoSchedule'

const tolerate = (name: string, effect: Effect): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
})

/** A node's own daemons stay with it in bad times. */
const ALWAYS: readonly Toleration[] = [
  tolerate('not-ready', 'NoExecute'),
  tolerate('unreachable', 'NoExecute'),
  tolerate('disk-pressure', 'NoSchedule'),
  tolerate('memory-pressure', 'NoSchedule'),
  tolerate('pid-pressure', 'NoSchedule'),
  tolerate('unschedulable', 'NoSchedule'),
]
const ON_HOST_NETWORK = tolerate('network-unavailable', 'NoSchedule')

/** Whether a node should get a pod, and whether one that is there may stay. */
export interface NodeFit {
  readonly shouldRun: boolean
  readonly mayStay: boolean
}

export function nodeFit({ spec }: DaemonSet, node: Node): NodeFit {
  const podSpec = spec.template.spec
  const { nodeName = '' } = podSpec
  const isElsewhere = nodeName !== '' && nodeName !== node.metadata.name
  if (isElsewhere || !matchesNodeAffinity(podSpec, node)) {
    return { shouldRun: false, mayStay: false }
  }
  const tolerations = daemonTolerations(podSpec)
  const untolerated = (node.spec.taints ?? []).filter(
    (taint) => !tolerations.some((toleration) => tolerates(toleration, taint)),
  )
  const has = (effect: string) => untolerated.some((taint) => taint.effect === effect)
  const mayStay = !has('NoExecute')
  return { shouldRun: mayStay && !has('NoSchedule'), mayStay }
}

/** The pod's own tolerations and those of all daemons; one that is there is replaced. */
function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const added = hostNetwork === true ? [...ALWAYS, ON_HOST_NETWORK] : ALWAYS
  const isSame = (a: Toleration, b: Toleration) =>
    a.key === b.key && a.effect === b.effect && (a.operator ?? 'Equal') === b.operator
  const own = tolerations.filter((one) => !added.some((other) => isSame(one, other)))
  return [...own, ...added]
}

/** The template of the pod of one node; the scheduler puts it there by its affinity. */
export function daemonTemplate(
  { metadata, spec }: DaemonSet,
  hash: string,
  nodeName: string,
): PodTemplateSpec {
  const { template } = spec
  const generation = metadata.annotations?.[TEMPLATE_GENERATION]
  return {
    ...template,
    metadata: {
      ...template.metadata,
      labels: {
        ...template.metadata.labels,
        ...(generation !== undefined && { [TEMPLATE_GENERATION_LABEL]: generation }),
        [REVISION_HASH]: hash,
      },
    },
    spec: {
      ...template.spec,
      tolerations: daemonTolerations(template.spec),
      affinity: onNode(template.spec.affinity, nodeName),
    },
  }
}

function onNode(affinity: Affinity | undefined, nodeName: string): Affinity {
  const matchFields = [{ key: NODE_NAME_FIELD, operator: 'In' as const, values: [nodeName] }]
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  }
}

/** The node that a pod is on, or is meant for; undefined for pods that are not of a DaemonSet. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const field = required?.nodeSelectorTerms
    .flatMap(({ matchFields = [] }) => matchFields)
    .find(({ key, operator }) => key === NODE_NAME_FIELD && operator === 'In')
  return field?.values?.length === 1 ? field.values[0] : undefined
}

/** Whether a pod comes from the present template. */
export function isUpdated({ metadata }: Pod, set: DaemonSet, hash: string): boolean {
  const { labels = {} } = metadata
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION]
  if (hash !== '' && labels[REVISION_HASH] === hash) return true
  return generation !== undefined && labels[TEMPLATE_GENERATION_LABEL] === generation
}

/** Pods on nodes first, then the older. */
export function byNodeAndAge(a: Pod, b: Pod): number {
  const isPlaced = ({ spec }: Pod) => (spec.nodeName ?? '') !== ''
  if (isPlaced(a) !== isPlaced(b)) return isPlaced(a) ? -1 : 1
  const [timeA, timeB] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  if (timeA !== timeB) return timeA < timeB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}
