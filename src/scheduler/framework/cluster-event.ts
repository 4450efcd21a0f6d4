import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { NodeInfo } from './node-info.ts'
import { podInfoOf } from './pod-info.ts'

/** What of the cluster has changed; a plugin names those that can undo one of its rejections. */
export type Topic =
  | 'Node/Added'
  | 'Node/Deleted'
  | 'Node/Allocatable'
  | 'Node/Labels'
  /** Taints and `unschedulable`. */
  | 'Node/Taints'
  | 'AssignedPod/Added'
  | 'AssignedPod/Deleted'
  | 'AssignedPod/Labels'
  | 'AssignedPod/ScaledDown'
  /** The waiting pod itself. */
  | 'Pod/Labels'
  | 'Pod/ScaledDown'
  | 'Pod/Tolerations'
  /** A claim, a volume or a class was added or changed. */
  | 'Claim'
  | 'Volume'
  | 'StorageClass'

/** A change in the cluster that may make a rejected pod fit (upstream's ClusterEvent). */
export type ClusterEvent = NodeEvent | AssignedPodEvent | PendingPodEvent | StorageEvent

export interface NodeEvent {
  readonly resource: 'Node'
  readonly type: 'Added' | 'Updated' | 'Deleted'
  readonly topics: readonly Topic[]
  readonly object: Node
  readonly old: Node | undefined
}

/** A pod on a node, or on its way there. */
export interface AssignedPodEvent {
  readonly resource: 'AssignedPod'
  readonly type: 'Added' | 'Updated' | 'Deleted'
  readonly topics: readonly Topic[]
  readonly object: Pod
  readonly old: Pod | undefined
  readonly nodeName: string
  /** The node it is on or has left, as it is after the change; undefined where it has gone too. */
  readonly node: NodeInfo | undefined
}

/** The waiting pod itself. */
export interface PendingPodEvent {
  readonly resource: 'Pod'
  readonly topics: readonly Topic[]
  readonly object: Pod
  readonly old: Pod
}

export interface StorageEvent {
  readonly resource: 'Storage'
  readonly topics: readonly ('Claim' | 'Volume' | 'StorageClass')[]
  readonly object: KubeObject
}

export function nodeEvent(type: NodeEvent['type'], object: Node, old?: Node): NodeEvent {
  const topics: readonly Topic[] =
    type === 'Added'
      ? ['Node/Added']
      : type === 'Deleted'
        ? ['Node/Deleted']
        : old === undefined
          ? []
          : nodeTopics(object, old)
  return { resource: 'Node', type, topics, object, old }
}

export function assignedPodEvent(
  type: AssignedPodEvent['type'],
  object: Pod,
  { nodeName, node }: Pick<AssignedPodEvent, 'nodeName' | 'node'>,
  old?: Pod,
): AssignedPodEvent {
  const topics: readonly Topic[] =
    type === 'Added'
      ? ['AssignedPod/Added']
      : type === 'Deleted'
        ? ['AssignedPod/Deleted']
        : old === undefined
          ? []
          : [
              ...(haveLabelsChanged(object, old) ? (['AssignedPod/Labels'] as const) : []),
              ...(isScaledDown(object, old) ? (['AssignedPod/ScaledDown'] as const) : []),
            ]
  return { resource: 'AssignedPod', type, topics, object, old, nodeName, node }
}

export function pendingPodEvent(object: Pod, old: Pod): PendingPodEvent {
  const topics: Topic[] = []
  if (haveLabelsChanged(object, old)) topics.push('Pod/Labels')
  if (isScaledDown(object, old)) topics.push('Pod/ScaledDown')
  // Tolerations can only be added: their number tells.
  const tolerations = ({ spec }: Pod) => spec.tolerations?.length ?? 0
  if (tolerations(object) !== tolerations(old)) topics.push('Pod/Tolerations')
  return { resource: 'Pod', topics, object, old }
}

function nodeTopics(object: Node, old: Node): readonly Topic[] {
  const topics: Topic[] = []
  const hasChanged = (of: (node: Node) => unknown) => !deepEqual(of(object), of(old))
  if (hasChanged(({ status }) => status.allocatable)) topics.push('Node/Allocatable')
  if (hasChanged(({ metadata }) => metadata.labels)) topics.push('Node/Labels')
  const wasOpened = old.spec.unschedulable === true && object.spec.unschedulable !== true
  if (wasOpened || hasChanged(({ spec }) => spec.taints)) topics.push('Node/Taints')
  return topics
}

function haveLabelsChanged(object: Pod, old: Pod): boolean {
  return !deepEqual(object.metadata.labels, old.metadata.labels)
}

function isScaledDown(object: Pod, old: Pod): boolean {
  if (object.spec === old.spec && object.status === old.status) return false
  const now = podInfoOf(object).requests
  for (const [name, amount] of podInfoOf(old).requests)
    if ((now.get(name) ?? 0) < amount) return true
  return false
}
