import type { TopologySpreadConstraint } from '../../../kinds/core/v1/affinity.ts'
import type { Node } from '../../../kinds/core/v1/node.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { type Labels, Selector, selectorOf } from '../../../machinery/label-selector.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { isWanted } from '../node-affinity.ts'
import { isTolerated } from '../taint-toleration.ts'

export type Action = TopologySpreadConstraint['whenUnsatisfiable']

/** One constraint of one pod, compiled. */
export interface SpreadConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly selector: Selector
  readonly minDomains: number
  readonly honorsAffinity: boolean
  readonly honorsTaints: boolean
  /** Whether a pod counts: of the namespace, selected and not on its way out. */
  readonly isCounted: (info: PodInfo) => boolean
  /** Names that test, for counts that are kept. */
  readonly countKey: string
}

/** The constraints that a pod states itself, of one action. */
export function statedConstraints(pod: Pod, action: Action): readonly SpreadConstraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => compile(pod, constraint, selectorFor(pod, constraint)))
}

export function compile(
  { metadata }: Pod,
  constraint: Omit<TopologySpreadConstraint, 'labelSelector' | 'whenUnsatisfiable'>,
  selector: Selector,
): SpreadConstraint {
  const { namespace } = metadata
  return {
    maxSkew: constraint.maxSkew,
    topologyKey: constraint.topologyKey,
    selector,
    minDomains: constraint.minDomains ?? 1,
    honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
    honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
    isCounted: ({ pod: other }) =>
      other.metadata.namespace === namespace &&
      other.metadata.deletionTimestamp === undefined &&
      selector.matches(other.metadata.labels),
    countKey: `${namespace}\n${selector.matchesNothing ? '-' : selector.toString()}`,
  }
}

/** With the pod's own values of `matchLabelKeys`, which tell one rollout from the next. */
function selectorFor({ metadata }: Pod, constraint: TopologySpreadConstraint): Selector {
  const selector = selectorOf(constraint.labelSelector)
  const { labels = {} } = metadata
  const keys = (constraint.matchLabelKeys ?? []).filter((key) => Object.hasOwn(labels, key))
  if (keys.length === 0 || selector.matchesNothing) return selector
  const more = keys.map((key) => ({ key, operator: '=' as const, values: [labels[key] ?? ''] }))
  return Selector.of([...selector.requirements, ...more])
}

export function hasAllTopologies(
  labels: Labels | undefined,
  constraints: readonly SpreadConstraint[],
): boolean {
  return constraints.every(
    ({ topologyKey }) => labels !== undefined && Object.hasOwn(labels, topologyKey),
  )
}

/** Whether a node counts at all, by the constraint's two policies. */
export function counts(constraint: SpreadConstraint, pod: Pod, node: Node): boolean {
  if (constraint.honorsAffinity && !isWanted(pod, node)) return false
  return !constraint.honorsTaints || isTolerated(pod, node)
}

/** How many pods on a node count. A selector that selects everything counts none. */
export function matchingPods(constraint: SpreadConstraint, node: NodeInfo): number {
  const { selector, countKey, isCounted } = constraint
  if (selector.isEverything || selector.matchesNothing) return 0
  return node.count(countKey, isCounted)
}
