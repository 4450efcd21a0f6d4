import type { Pod } from '../../../kinds/core/v1/pod.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import { MAX_NODE_SCORE } from '../../framework/plugin.ts'
import { counts, hasAllTopologies, matchingPods, type SpreadConstraint } from './constraints.ts'

const HOSTNAME = 'kubernetes.io/hostname'

/** How a node with many matching pods around it is put behind one with few. */
export class SpreadScore {
  readonly #constraints: readonly SpreadConstraint[]
  readonly #pod: Pod
  /** Matching pods by the constraint's place and the value; empty for the hostname. */
  readonly #domains: readonly Map<string, number>[]
  readonly #weights: readonly number[]
  readonly #needsAll: boolean

  /**
   * `needsAll`: nodes without one of the topologies count nothing. Not so for default constraints,
   * lest a cluster without zones has no spreading over nodes either.
   */
  constructor(
    constraints: readonly SpreadConstraint[],
    pod: Pod,
    fitting: readonly NodeInfo[],
    all: readonly NodeInfo[],
    needsAll: boolean,
  ) {
    this.#constraints = constraints
    this.#pod = pod
    this.#needsAll = needsAll
    this.#domains = constraints.map(() => new Map())
    const scored = fitting.filter((node) => !this.#isIgnored(node))
    for (const [index, { topologyKey }] of constraints.entries()) {
      if (topologyKey === HOSTNAME) continue
      for (const node of scored) this.#domains[index]?.set(node.label(topologyKey) ?? '', 0)
    }
    this.#weights = constraints.map(({ topologyKey }, index) =>
      Math.log((topologyKey === HOSTNAME ? scored.length : this.#sizeOf(index)) + 2),
    )
    for (const node of all) if (!this.#isIgnored(node)) this.#countPods(node)
  }

  /** More is worse, until it is normalized. */
  score(node: NodeInfo): number {
    if (this.#isIgnored(node)) return 0
    let score = 0
    for (let index = 0; index < this.#constraints.length; index++) {
      const constraint = this.#constraints[index] as SpreadConstraint
      const { topologyKey, maxSkew } = constraint
      const value = node.label(topologyKey)
      if (value === undefined) continue
      const count =
        topologyKey === HOSTNAME
          ? matchingPods(constraint, node)
          : (this.#domains[index]?.get(value) ?? 0)
      score += count * (this.#weights[index] as number) + (maxSkew - 1)
    }
    return Math.round(score)
  }

  normalize(scores: number[], nodes: readonly NodeInfo[]): void {
    let least = Infinity
    let most = 0
    const isIgnored = nodes.map((node) => this.#isIgnored(node))
    for (const [index, score] of scores.entries()) {
      if (isIgnored[index]) continue
      least = Math.min(least, score)
      most = Math.max(most, score)
    }
    for (const [index, score] of scores.entries()) {
      if (isIgnored[index]) scores[index] = 0
      else if (most === 0) scores[index] = MAX_NODE_SCORE
      else scores[index] = Math.floor((MAX_NODE_SCORE * (most + least - score)) / most)
    }
  }

  #isIgnored({ labels }: NodeInfo): boolean {
    return this.#needsAll && !hasAllTopologies(labels, this.#constraints)
  }

  #sizeOf(index: number): number {
    return this.#domains[index]?.size ?? 0
  }

  #countPods(info: NodeInfo): void {
    for (let index = 0; index < this.#constraints.length; index++) {
      const constraint = this.#constraints[index] as SpreadConstraint
      if (constraint.topologyKey === HOSTNAME) continue
      const domains = this.#domains[index] as Map<string, number>
      const value = info.label(constraint.topologyKey) ?? ''
      const count = domains.get(value)
      if (count === undefined || info.node === undefined) continue
      if (!counts(constraint, this.#pod, info.node)) continue
      domains.set(value, count + matchingPods(constraint, info))
    }
  }
}
