import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { ClusterEvent, Topic } from './cluster-event.ts'
import type { CycleState } from './cycle-state.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** Why a pod cannot go to a node, or to any: an expected outcome, not an error. */
export interface Rejection {
  /** `UnschedulableAndUnresolvable`: removing other pods would not help. */
  readonly code: 'Unschedulable' | 'UnschedulableAndUnresolvable'
  /** Counted over nodes in the message of FailedScheduling. */
  readonly reasons: readonly string[]
}

/** A rejection with the name of the plugin that speaks. */
export interface PluginRejection extends Rejection {
  readonly plugin: string
}

export function unschedulable(...reasons: readonly string[]): Rejection {
  return { code: 'Unschedulable', reasons }
}

export function unresolvable(...reasons: readonly string[]): Rejection {
  return { code: 'UnschedulableAndUnresolvable', reasons }
}

/** The answer of PreFilter: go on, go on with some nodes only, leave this plugin out, or no. */
export type PreFilterResult =
  | { readonly code: 'Continue'; readonly nodeNames?: ReadonlySet<string> }
  | { readonly code: 'Skip' }
  | Rejection

export const CONTINUE: PreFilterResult = { code: 'Continue' }
export const SKIP: { readonly code: 'Skip' } = { code: 'Skip' }

/** What can be done for a pod that fits nowhere. */
export type PostFilterResult =
  /** Room is being made on a node. */
  | { readonly code: 'Nominated'; readonly nodeName: string }
  /** Nothing; a nomination that the pod has is withdrawn where it is of no use any more. */
  | {
      readonly code: 'Unschedulable'
      readonly reason: string
      readonly withdrawsNomination: boolean
    }

export const MAX_NODE_SCORE = 100

/**
 * One scheduling concern. A plugin implements the extension points that it needs; the framework
 * calls them in the order of upstream's scheduling framework.
 */
export interface Plugin {
  readonly name: string
  /** Keeps a pod out of the queue; the reason is shown in its condition. */
  preEnqueue?(pod: Pod): Rejection | undefined
  /** Once a cycle, before nodes are looked at. */
  preFilter?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): PreFilterResult
  /** Another pod is imagined on a node, or away from it, in a state that was cloned for that. */
  addPod?(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void
  removePod?(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void
  /** Whether the pod may go to a node; undefined for yes. */
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Rejection | undefined
  /** For a pod that fits nowhere. Nothing is awaited here: work goes on in the background. */
  postFilter?(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): PostFilterResult
  /** Once a cycle, with the nodes that passed. */
  preScore?(
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
  ): { readonly code: 'Skip' } | undefined
  /** 0 to 100 after `normalize`; more is better. */
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number
  /** Brings the scores of one plugin into 0 to 100, in the order of `nodes`. */
  normalize?(state: CycleState, pod: PodInfo, scores: number[], nodes: readonly NodeInfo[]): void
  /** Takes what the pod will need; undone by `unreserve` when a later step fails. */
  reserve?(state: CycleState, pod: PodInfo, nodeName: string): Rejection | undefined
  unreserve?(state: CycleState, pod: PodInfo, nodeName: string): void
  /** Slow work before the binding, such as provisioning a volume. Throws to fail. */
  preBind?(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<void>
  /** The changes that can undo a rejection; all where it does not say. */
  readonly helpedBy?: readonly Topic[]
  /** Whether an event of one of these topics could make a pod fit that this plugin rejected. */
  isHelpful?(event: ClusterEvent, pod: Pod): boolean
}

/** The nodes and pods that a cycle looks at; nothing changes while it does. */
export interface ClusterView {
  /** Nodes that exist, zones taking turns. */
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  readonly nodesWithAffinity: Iterable<NodeInfo>
  readonly nodesWithRequiredAntiAffinity: Iterable<NodeInfo>
  /** How many nodes have an image. */
  imageCount(name: string): number
}

/** The pods that room is being made for. */
export interface Nominations {
  of(nodeName: string): readonly PodInfo[]
  nodeOf(uid: string): string | undefined
  withdraw(uid: string): void
}

/** What plugins are made with. */
export interface PluginContext {
  readonly client: Client
  readonly informers: Informers
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly schedulerName: string
  readonly cluster: ClusterView
  readonly nominations: Nominations
  /** Tells the queue of a change that only the plugin watches. */
  moveOn(event: ClusterEvent): void
  /** Tries a pod again that was rejected. */
  activate(uid: string): void
  /** Asks `preEnqueue` again about a pod that it held back. */
  release(uid: string): void
  /** All filters of the profile, for trying what would be if pods were gone. */
  readonly filters: FilterRunner
}

export interface FilterRunner {
  filter(state: CycleState, pod: PodInfo, node: NodeInfo): PluginRejection | undefined
  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void
  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void
}

/** Stretches scores so that the best has 100; `isReversed`: the lowest score is the best. */
export function normalizeScores(scores: number[], isReversed: boolean): void {
  let max = 0
  for (const score of scores) if (score > max) max = score
  for (let index = 0; index < scores.length; index++) {
    const scaled = max === 0 ? 0 : Math.floor(((scores[index] ?? 0) * MAX_NODE_SCORE) / max)
    scores[index] = isReversed ? MAX_NODE_SCORE - scaled : scaled
  }
}
