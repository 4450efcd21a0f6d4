import type { PodAffinityTerm } from '../../kinds/core/v1/affinity.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { SelectorError } from '../../machinery/label-requirement.ts'
import {
  type LabelSelectorSpec,
  type Labels,
  Selector,
  selectorOf,
} from '../../machinery/label-selector.ts'

/** The labels of a namespace; undefined where it is not known. */
export type NamespaceLabels = (namespace: string) => Labels | undefined

/** Which pods a term of pod affinity means, and how far `near` reaches. */
export class AffinityTerm {
  readonly topologyKey: string
  readonly #namespaces: ReadonlySet<string>
  readonly #namespaceSelector: Selector
  readonly #selector: Selector

  constructor(owner: Pod, term: PodAffinityTerm) {
    const { namespaces = [], namespaceSelector, labelSelector, topologyKey } = term
    const isOwnNamespace = namespaces.length === 0 && namespaceSelector === undefined
    this.topologyKey = topologyKey
    this.#namespaces = new Set(isOwnNamespace ? [owner.metadata.namespace] : namespaces)
    this.#namespaceSelector = selectorIn(namespaceSelector)
    this.#selector = selectorIn(labelSelector)
  }

  matches({ metadata }: Pod, labelsOf: NamespaceLabels): boolean {
    const { namespace, labels } = metadata
    if (!this.#selector.matches(labels)) return false
    if (this.#namespaces.has(namespace)) return true
    const selector = this.#namespaceSelector
    return !selector.matchesNothing && selector.matches(labelsOf(namespace))
  }
}

/** A wrong selector selects nothing: a pod has to be counted even if its wishes make no sense. */
function selectorIn(spec: LabelSelectorSpec | undefined): Selector {
  try {
    return selectorOf(spec)
  } catch (error) {
    if (error instanceof SelectorError) return Selector.nothing
    throw error
  }
}

export interface WeightedAffinityTerm {
  readonly term: AffinityTerm
  readonly weight: number
}

/** A pod's wishes about other pods, compiled. */
export interface PodAffinityTerms {
  readonly required: readonly AffinityTerm[]
  readonly requiredAnti: readonly AffinityTerm[]
  readonly preferred: readonly WeightedAffinityTerm[]
  readonly preferredAnti: readonly WeightedAffinityTerm[]
}

export const NO_TERMS: PodAffinityTerms = {
  required: [],
  requiredAnti: [],
  preferred: [],
  preferredAnti: [],
}

export function podAffinityTerms(pod: Pod): PodAffinityTerms {
  const { podAffinity: near, podAntiAffinity: far } = pod.spec.affinity ?? {}
  const compile = (terms: readonly PodAffinityTerm[] = []) =>
    terms.map((term) => new AffinityTerm(pod, term))
  type Weighted = { readonly podAffinityTerm: PodAffinityTerm; readonly weight: number }
  const weigh = (terms: readonly Weighted[] = []) =>
    terms.map(({ podAffinityTerm, weight }) => ({
      term: new AffinityTerm(pod, podAffinityTerm),
      weight,
    }))
  return {
    required: compile(near?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: compile(far?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: weigh(near?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: weigh(far?.preferredDuringSchedulingIgnoredDuringExecution),
  }
}

/** One pod must answer to all terms; without terms none does. */
export function matchesAll(
  terms: readonly AffinityTerm[],
  pod: Pod,
  labelsOf: NamespaceLabels,
): boolean {
  return terms.length > 0 && terms.every((term) => term.matches(pod, labelsOf))
}
