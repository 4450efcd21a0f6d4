import { matchesAll, type NamespaceLabels } from '../../framework/affinity-terms.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import type { ClusterView } from '../../framework/plugin.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { TopologyCounts } from './topology-counts.ts'

/** Where the pods are that a waiting pod must be near to or far from, or that want it far. */
export class AffinityState {
  readonly #pod: PodInfo
  readonly #labelsOf: NamespaceLabels
  /** Pods that do not want the waiting pod near. */
  readonly #repelling: TopologyCounts
  /** Pods that the waiting pod wants near, and those that it wants far. */
  readonly #near: TopologyCounts
  readonly #far: TopologyCounts

  private constructor(
    pod: PodInfo,
    labelsOf: NamespaceLabels,
    [repelling, near, far]: readonly [TopologyCounts, TopologyCounts, TopologyCounts],
  ) {
    this.#pod = pod
    this.#labelsOf = labelsOf
    this.#repelling = repelling
    this.#near = near
    this.#far = far
  }

  static of(pod: PodInfo, cluster: ClusterView, labelsOf: NamespaceLabels): AffinityState {
    const counts = [new TopologyCounts(), new TopologyCounts(), new TopologyCounts()] as const
    const state = new AffinityState(pod, labelsOf, counts)
    for (const node of cluster.nodesWithRequiredAntiAffinity) {
      for (const other of node.podsWithRequiredAntiAffinity.values()) state.#repel(other, node, 1)
    }
    const { required, requiredAnti } = pod.affinity
    if (required.length + requiredAnti.length === 0) return state
    for (const node of cluster.nodes) for (const other of node.pods) state.#attract(other, node, 1)
    return state
  }

  /** No pod has a say in where this one goes. */
  get isIdle(): boolean {
    const { required, requiredAnti } = this.#pod.affinity
    return this.#repelling.isEmpty && required.length + requiredAnti.length === 0
  }

  clone(): AffinityState {
    const counts = [this.#repelling.clone(), this.#near.clone(), this.#far.clone()] as const
    return new AffinityState(this.#pod, this.#labelsOf, counts)
  }

  /** A pod is imagined on a node (1), or away from it (-1). */
  change(other: PodInfo, node: NodeInfo, by: 1 | -1): void {
    this.#repel(other, node, by)
    this.#attract(other, node, by)
  }

  isNearAll(node: NodeInfo): boolean {
    const { required } = this.#pod.affinity
    if (required.some(({ topologyKey }) => node.label(topologyKey) === undefined)) return false
    if (required.every(({ topologyKey }) => this.#near.at(topologyKey, node) > 0)) return true
    // The first pod of a group that wants to be together has nobody to be near to.
    return this.#near.isEmpty && matchesAll(required, this.#pod.pod, this.#labelsOf)
  }

  isFarFromAll(node: NodeInfo): boolean {
    const { requiredAnti } = this.#pod.affinity
    return requiredAnti.every(({ topologyKey }) => this.#far.at(topologyKey, node) <= 0)
  }

  isRepelled(node: NodeInfo): boolean {
    for (const key of this.#repelling.keys) if (this.#repelling.at(key, node) > 0) return true
    return false
  }

  #repel(other: PodInfo, node: NodeInfo, by: number): void {
    const { requiredAnti } = other.affinity
    this.#repelling.addEach(requiredAnti, this.#pod.pod, this.#labelsOf, node, by)
  }

  #attract({ pod }: PodInfo, node: NodeInfo, by: number): void {
    const { required, requiredAnti } = this.#pod.affinity
    this.#near.addIfAll(required, pod, this.#labelsOf, node, by)
    this.#far.addEach(requiredAnti, pod, this.#labelsOf, node, by)
  }
}
