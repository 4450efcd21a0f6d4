import type { Pod } from '../../../kinds/core/v1/pod.ts'
import {
  type AffinityTerm,
  matchesAll,
  type NamespaceLabels,
} from '../../framework/affinity-terms.ts'
import type { NodeInfo } from '../../framework/node-info.ts'

/** Sums by topology key and value, such as how many pods with some property a zone has. */
export class TopologyCounts {
  readonly #byKey: Map<string, Map<string, number>>

  constructor(byKey = new Map<string, Map<string, number>>()) {
    this.#byKey = byKey
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0
  }

  get keys(): Iterable<string> {
    return this.#byKey.keys()
  }

  /** The sum of the domain that a node belongs to; 0 where it belongs to none. */
  at(key: string, node: NodeInfo): number {
    const values = this.#byKey.get(key)
    const value = values === undefined ? undefined : node.label(key)
    return value === undefined ? 0 : (values?.get(value) ?? 0)
  }

  add(key: string, node: NodeInfo, by: number): void {
    const value = node.label(key)
    if (value === undefined) return
    const values = this.#byKey.get(key) ?? new Map<string, number>()
    const sum = (values.get(value) ?? 0) + by
    if (sum === 0) values.delete(value)
    else values.set(value, sum)
    if (values.size === 0) this.#byKey.delete(key)
    else this.#byKey.set(key, values)
  }

  /** Counts a pod that answers to all terms, in the domain of each. */
  addIfAll(
    terms: readonly AffinityTerm[],
    pod: Pod,
    labelsOf: NamespaceLabels,
    node: NodeInfo,
    by: number,
  ): void {
    if (!matchesAll(terms, pod, labelsOf)) return
    for (const { topologyKey } of terms) this.add(topologyKey, node, by)
  }

  /** Counts a pod once for each term that it answers to. */
  addEach(
    terms: readonly AffinityTerm[],
    pod: Pod,
    labelsOf: NamespaceLabels,
    node: NodeInfo,
    by: number,
  ): void {
    for (const term of terms) {
      if (term.matches(pod, labelsOf)) this.add(term.topologyKey, node, by)
    }
  }

  clone(): TopologyCounts {
    return new TopologyCounts(new Map([...this.#byKey].map(([key, sums]) => [key, new Map(sums)])))
  }
}
