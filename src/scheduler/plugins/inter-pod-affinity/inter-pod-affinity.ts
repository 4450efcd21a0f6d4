import type { Lister } from '../../../client/lister.ts'
import { Namespace } from '../../../kinds/core/v1/namespace.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { matchesAll, type NamespaceLabels } from '../../framework/affinity-terms.ts'
import type { AssignedPodEvent, ClusterEvent, NodeEvent } from '../../framework/cluster-event.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import {
  CONTINUE,
  MAX_NODE_SCORE,
  type Plugin,
  type PluginContext,
  type PreFilterResult,
  type Rejection,
  SKIP,
  unresolvable,
  unschedulable,
} from '../../framework/plugin.ts'
import { type PodInfo, podInfoOf } from '../../framework/pod-info.ts'
import { preferredDomains } from './affinity-score.ts'
import { AffinityState } from './affinity-state.ts'
import type { TopologyCounts } from './topology-counts.ts'

const NOT_NEAR = unresolvable("node(s) didn't match pod affinity rules")
const NOT_FAR = unschedulable("node(s) didn't match pod anti-affinity rules")
const REPELLED = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")

const STATE = 'InterPodAffinity'
const SCORE = 'InterPodAffinity/score'

/** Pods are put near some pods and far from others, as they or those wish. */
export class InterPodAffinity implements Plugin {
  readonly name = 'InterPodAffinity'
  readonly helpedBy = [
    ...(['Node/Added', 'Node/Labels'] as const),
    ...(['AssignedPod/Added', 'AssignedPod/Deleted', 'AssignedPod/Labels', 'Pod/Labels'] as const),
  ]
  readonly #context: Pick<PluginContext, 'cluster'>
  readonly #namespaces: Lister<Namespace>

  constructor(context: Pick<PluginContext, 'cluster' | 'informers'>) {
    this.#context = context
    this.#namespaces = context.informers.for(Namespace)
  }

  preFilter(state: CycleState, pod: PodInfo): PreFilterResult {
    const affinity = AffinityState.of(pod, this.#context.cluster, this.#labelsOf)
    if (affinity.isIdle) return SKIP
    state.set(STATE, affinity)
    return CONTINUE
  }

  addPod(state: CycleState, _pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    state.get<AffinityState>(STATE)?.change(added, node, 1)
  }

  removePod(state: CycleState, _pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    state.get<AffinityState>(STATE)?.change(removed, node, -1)
  }

  filter(state: CycleState, _pod: PodInfo, node: NodeInfo): Rejection | undefined {
    const affinity = state.get<AffinityState>(STATE)
    if (affinity === undefined) return undefined
    if (!affinity.isNearAll(node)) return NOT_NEAR
    if (!affinity.isFarFromAll(node)) return NOT_FAR
    return affinity.isRepelled(node) ? REPELLED : undefined
  }

  preScore(state: CycleState, pod: PodInfo) {
    const domains = preferredDomains(pod, this.#context.cluster, this.#labelsOf)
    if (domains === undefined) return SKIP
    state.set(SCORE, domains)
    return undefined
  }

  score(state: CycleState, _pod: PodInfo, node: NodeInfo): number {
    const domains = state.get<TopologyCounts>(SCORE)
    let score = 0
    for (const key of domains?.keys ?? []) score += domains?.at(key, node) ?? 0
    return score
  }

  /** From the worst, which may be below zero, to the best. */
  normalize(_state: CycleState, _pod: PodInfo, scores: number[]): void {
    const least = Math.min(...scores)
    const range = Math.max(...scores) - least
    for (const [index, score] of scores.entries()) {
      scores[index] = range === 0 ? 0 : Math.trunc((MAX_NODE_SCORE * (score - least)) / range)
    }
  }

  isHelpful(event: ClusterEvent, pod: Pod): boolean {
    switch (event.resource) {
      case 'Node':
        return changesDomains(event, pod)
      case 'AssignedPod':
        return this.#changesNeighbours(event, pod)
      case 'Pod':
        return true // Others may not want it far any more.
      case 'Storage':
        return false
    }
  }

  readonly #labelsOf: NamespaceLabels = (namespace) =>
    this.#namespaces.get(namespace)?.metadata.labels

  #changesNeighbours({ type, object, old }: AssignedPodEvent, pod: Pod): boolean {
    const { required, requiredAnti } = podInfoOf(pod).affinity
    const isNear = (other: Pod) => matchesAll(required, other, this.#labelsOf)
    const isFar = (other: Pod) => requiredAnti.some((term) => term.matches(other, this.#labelsOf))
    switch (type) {
      case 'Added':
        return isNear(object)
      case 'Updated':
        if (old === undefined) return true
        return (!isNear(old) && isNear(object)) || (isFar(old) && !isFar(object))
      case 'Deleted': {
        if (isFar(object)) return true
        const { requiredAnti: theirs } = podInfoOf(object).affinity
        if (theirs.some((term) => term.matches(pod, this.#labelsOf))) return true
        // With the last of its group gone a pod may become the first.
        return isNear(object) && isNear(pod)
      }
    }
  }
}

/**
 * A new node helps unless it lacks a domain that the pod must be in. Changed labels help where the
 * node has come into another domain of a pod that must be near, or has left one; a pod that is
 * repelled names no domains, so any change may help it.
 */
function changesDomains({ object, old }: NodeEvent, pod: Pod): boolean {
  const { required, requiredAnti } = podInfoOf(pod).affinity
  const { labels = {} } = object.metadata
  if (old === undefined) {
    return required.every(({ topologyKey }) => Object.hasOwn(labels, topologyKey))
  }
  const keys = [...required, ...requiredAnti].map(({ topologyKey }) => topologyKey)
  return keys.length === 0 || keys.some((key) => labels[key] !== old.metadata.labels?.[key])
}
