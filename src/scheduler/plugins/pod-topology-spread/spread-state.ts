import type { Pod } from '../../../kinds/core/v1/pod.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { counts, hasAllTopologies, matchingPods, type SpreadConstraint } from './constraints.ts'

/** How many matching pods each domain of each constraint has. */
export class SpreadState {
  readonly constraints: readonly SpreadConstraint[]
  /** By the constraint's place, then by the topology's value. */
  readonly #domains: readonly Map<string, number>[]
  /** The least of a constraint's domains, until a count changes. */
  readonly #least: (number | undefined)[]

  constructor(constraints: readonly SpreadConstraint[], domains?: readonly Map<string, number>[]) {
    this.constraints = constraints
    this.#domains = domains ?? constraints.map(() => new Map())
    this.#least = []
  }

  static of(
    constraints: readonly SpreadConstraint[],
    pod: Pod,
    nodes: readonly NodeInfo[],
  ): SpreadState {
    const state = new SpreadState(constraints)
    for (const info of nodes) {
      const { node } = info
      if (node === undefined || !hasAllTopologies(info.labels, constraints)) continue
      for (const [index, constraint] of constraints.entries()) {
        if (!counts(constraint, pod, node)) continue
        state.#add(index, info, matchingPods(constraint, info))
      }
    }
    return state
  }

  clone(): SpreadState {
    return new SpreadState(
      this.constraints,
      this.#domains.map((domains) => new Map(domains)),
    )
  }

  /** A pod is imagined on a node (1), or away from it (-1). */
  change(pod: Pod, { pod: changed }: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (changed.metadata.namespace !== pod.metadata.namespace || node.node === undefined) return
    if (!hasAllTopologies(node.labels, this.constraints)) return
    for (const [index, constraint] of this.constraints.entries()) {
      if (!constraint.selector.matches(changed.metadata.labels)) continue
      if (counts(constraint, pod, node.node)) this.#add(index, node, by)
    }
  }

  /** By how much the domain of a node would be ahead of the least one. */
  skew(index: number, pod: Pod, value: string): number {
    const constraint = this.constraints[index] as SpreadConstraint
    const domains = this.#domains[index] as Map<string, number>
    // Domains that are still to come have no pods.
    const least = domains.size < constraint.minDomains ? 0 : this.#leastOf(index, domains)
    const self = constraint.selector.matches(pod.metadata.labels) ? 1 : 0
    return (domains.get(value) ?? 0) + self - least
  }

  #leastOf(index: number, domains: ReadonlyMap<string, number>): number {
    let least = this.#least[index]
    if (least === undefined) {
      least = 2 ** 31 - 1
      for (const count of domains.values()) if (count < least) least = count
      this.#least[index] = least
    }
    return least
  }

  #add(index: number, node: NodeInfo, by: number): void {
    const { topologyKey } = this.constraints[index] as SpreadConstraint
    const domains = this.#domains[index] as Map<string, number>
    const value = node.label(topologyKey) ?? ''
    domains.set(value, (domains.get(value) ?? 0) + by)
    this.#least[index] = undefined
  }
}
