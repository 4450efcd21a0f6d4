import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** Why a pod cannot go to a node, or to any: an expected outcome, not an error. */
export interface Rejection {
  /** `UnschedulableAndUnresolvable`: removing other pods would not help. */
  readonly code: 'Unschedulable' | 'UnschedulableAndUnresolvable'
  /** Counted over nodes in the message of FailedScheduling. */
  readonly reasons: readonly string[]
}

export function unschedulable(...reasons: readonly string[]): Rejection {
  return { code: 'Unschedulable', reasons }
}

export function unresolvable(...reasons: readonly string[]): Rejection {
  return { code: 'UnschedulableAndUnresolvable', reasons }
}

/** What plugins of one scheduling cycle keep for each other's later calls. */
export class CycleState {
  readonly #values = new Map<string, unknown>()

  get<T>(key: string): T | undefined {
    return this.#values.get(key) as T | undefined
  }

  set(key: string, value: unknown): void {
    this.#values.set(key, value)
  }
}

/** The answer of PreFilter: go on, go on with some nodes only, leave this plugin out, or no. */
export type PreFilterResult =
  | { readonly code: 'Continue'; readonly nodeNames?: ReadonlySet<string> }
  | { readonly code: 'Skip' }
  | Rejection

export const CONTINUE: PreFilterResult = { code: 'Continue' }
export const SKIP: { readonly code: 'Skip' } = { code: 'Skip' }

/** A change in the cluster that may make a rejected pod fit. */
export type ClusterEvent =
  | { readonly resource: 'Node'; readonly object: Node; readonly old?: Node | undefined }
  | {
      /** A pod that has a node: it was added there, changed or went away. */
      readonly resource: 'AssignedPod'
      readonly type: 'Added' | 'Updated' | 'Deleted'
      readonly object: Pod
      readonly old?: Pod | undefined
    }
  /** The waiting pod itself. */
  | { readonly resource: 'Pod'; readonly object: Pod; readonly old: Pod }
  /** Another kind that a plugin looks at, such as a namespace. */
  | { readonly resource: 'Other'; readonly kind: string; readonly object: unknown }

export interface ScoreContext {
  readonly state: CycleState
  readonly pod: PodInfo
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
  /** Whether the pod may go to a node; undefined for yes. */
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Rejection | undefined
  /** Once a cycle, with the nodes that passed. */
  preScore?(
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
  ): { readonly code: 'Skip' } | undefined
  /** 0 to 100 after `normalize`; more is better. */
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number
  /** Brings the scores of one plugin into 0 to 100. */
  normalize?(state: CycleState, pod: PodInfo, scores: number[]): void
  /** Takes what the pod will need; undone by `unreserve` when a later step fails. */
  reserve?(state: CycleState, pod: PodInfo, nodeName: string): Rejection | undefined
  unreserve?(state: CycleState, pod: PodInfo, nodeName: string): void
  /** Slow work before the binding, such as provisioning a volume. Throws to fail. */
  preBind?(state: CycleState, pod: PodInfo, nodeName: string): Promise<void>
  /**
   * Whether an event could make a pod fit that this plugin has rejected. A plugin that does not say
   * has its pods retried after every event.
   */
  isHelpful?(event: ClusterEvent, pod: Pod): boolean
}

/** Stretches scores so that the best has 100; `isReversed`: the lowest score is the best. */
export function normalizeScores(scores: number[], isReversed: boolean): void {
  const max = Math.max(0, ...scores)
  for (const [index, score] of scores.entries()) {
    const scaled = max === 0 ? 0 : Math.floor((score * MAX_NODE_SCORE) / max)
    scores[index] = isReversed ? MAX_NODE_SCORE - scaled : scaled
  }
}
