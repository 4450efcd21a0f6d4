import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { Labels } from '../../../machinery/label-selector.ts'
import type { AssignedPodEvent, ClusterEvent, NodeEvent } from '../../framework/cluster-event.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import {
  CONTINUE,
  type Plugin,
  type PluginContext,
  type PreFilterResult,
  type Rejection,
  SKIP,
  unresolvable,
  unschedulable,
} from '../../framework/plugin.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { hasAllTopologies, type SpreadConstraint, statedConstraints } from './constraints.ts'
import { DefaultConstraints } from './default-constraints.ts'
import { SpreadScore } from './spread-score.ts'
import { SpreadState } from './spread-state.ts'

const REASON = "node(s) didn't match pod topology spread constraints"
const UNEVEN = unschedulable(REASON)
const NO_LABEL = unresolvable(`${REASON} (missing required label)`)

const STATE = 'PodTopologySpread'
const SCORE = 'PodTopologySpread/score'

/** Pods that belong together are spread evenly over zones, nodes or any other label of nodes. */
export class PodTopologySpread implements Plugin {
  readonly name = 'PodTopologySpread'
  readonly #context: Pick<PluginContext, 'cluster'>
  readonly #defaults: DefaultConstraints
  readonly helpedBy = [
    ...(['Node/Added', 'Node/Deleted', 'Node/Labels', 'Node/Taints'] as const),
    ...(['AssignedPod/Added', 'AssignedPod/Deleted', 'AssignedPod/Labels'] as const),
    ...(['Pod/Labels', 'Pod/Tolerations'] as const),
  ]

  constructor(context: Pick<PluginContext, 'cluster' | 'informers'>) {
    this.#context = context
    this.#defaults = new DefaultConstraints(context.informers)
  }

  preFilter(state: CycleState, { pod }: PodInfo, nodes: readonly NodeInfo[]): PreFilterResult {
    const constraints = statedConstraints(pod, 'DoNotSchedule')
    if (constraints.length === 0) return SKIP
    state.set(STATE, SpreadState.of(constraints, pod, nodes))
    return CONTINUE
  }

  addPod(state: CycleState, { pod }: PodInfo, added: PodInfo, node: NodeInfo): void {
    state.get<SpreadState>(STATE)?.change(pod, added, node, 1)
  }

  removePod(state: CycleState, { pod }: PodInfo, removed: PodInfo, node: NodeInfo): void {
    state.get<SpreadState>(STATE)?.change(pod, removed, node, -1)
  }

  filter(state: CycleState, { pod }: PodInfo, node: NodeInfo): Rejection | undefined {
    const spread = state.get<SpreadState>(STATE)
    for (const [index, { topologyKey, maxSkew }] of spread?.constraints.entries() ?? []) {
      const value = node.label(topologyKey)
      if (value === undefined) return NO_LABEL
      if ((spread?.skew(index, pod, value) ?? 0) > maxSkew) return UNEVEN
    }
    return undefined
  }

  preScore(state: CycleState, { pod }: PodInfo, nodes: readonly NodeInfo[]) {
    const isStated = (pod.spec.topologySpreadConstraints ?? []).length > 0
    const constraints = isStated ? statedConstraints(pod, 'ScheduleAnyway') : this.#defaults.of(pod)
    if (constraints.length === 0) return SKIP
    const all = this.#context.cluster.nodes
    state.set(SCORE, new SpreadScore(constraints, pod, nodes, all, isStated))
    return undefined
  }

  score(state: CycleState, _pod: PodInfo, node: NodeInfo): number {
    return state.get<SpreadScore>(SCORE)?.score(node) ?? 0
  }

  normalize(state: CycleState, _pod: PodInfo, scores: number[], nodes: readonly NodeInfo[]): void {
    state.get<SpreadScore>(SCORE)?.normalize(scores, nodes)
  }

  isHelpful(event: ClusterEvent, pod: Pod): boolean {
    const constraints = statedConstraints(pod, 'DoNotSchedule')
    switch (event.resource) {
      case 'Node':
        return changesDomains(event, constraints)
      case 'AssignedPod':
        return changesCounts(event, pod, constraints)
      case 'Pod':
        return (
          (event.topics.includes('Pod/Tolerations') &&
            constraints.some(({ honorsTaints }) => honorsTaints)) ||
          changesMatch(constraints, event.old.metadata.labels, event.object.metadata.labels)
        )
      case 'Storage':
        return false
    }
  }
}

function changesCounts(
  { type, object, old }: AssignedPodEvent,
  pod: Pod,
  constraints: readonly SpreadConstraint[],
): boolean {
  const { namespace, labels } = object.metadata
  if (namespace !== pod.metadata.namespace) return false
  if (type === 'Updated') return changesMatch(constraints, old?.metadata.labels, labels)
  return constraints.some(({ selector }) => selector.matches(labels))
}

function changesMatch(
  constraints: readonly SpreadConstraint[],
  before: Labels | undefined,
  now: Labels | undefined,
): boolean {
  return constraints.some(({ selector }) => selector.matches(before) !== selector.matches(now))
}

function changesDomains(
  { type, object, old }: NodeEvent,
  constraints: readonly SpreadConstraint[],
): boolean {
  const has = hasAllTopologies(object.metadata.labels, constraints)
  if (type !== 'Updated' || old === undefined) return has
  if (has !== hasAllTopologies(old.metadata.labels, constraints)) return true
  if (!has) return false
  return (
    constraints.some(
      ({ topologyKey: key }) => object.metadata.labels?.[key] !== old.metadata.labels?.[key],
    ) || !deepEqual(object.spec.taints, old.spec.taints)
  )
}
