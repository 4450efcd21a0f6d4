import type { NamespaceLabels, WeightedAffinityTerm } from '../../framework/affinity-terms.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import type { ClusterView } from '../../framework/plugin.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { TopologyCounts } from './topology-counts.ts'

/** What a pod's hard wish to be near is worth to the pod that it is about. */
const HARD_AFFINITY_WEIGHT = 1

/**
 * What each domain is worth to a pod, by its own preferences and by those of the pods that are
 * there; undefined where nobody prefers anything.
 */
export function preferredDomains(
  pod: PodInfo,
  cluster: ClusterView,
  labelsOf: NamespaceLabels,
): TopologyCounts | undefined {
  const { preferred, preferredAnti } = pod.affinity
  const hasWishes = preferred.length + preferredAnti.length > 0
  const worth = new TopologyCounts()
  const prefer = (
    terms: readonly WeightedAffinityTerm[],
    about: PodInfo,
    node: NodeInfo,
    sign: 1 | -1,
  ) => {
    for (const { term, weight } of terms) {
      if (term.matches(about.pod, labelsOf)) worth.add(term.topologyKey, node, sign * weight)
    }
  }
  // Without wishes of its own only those of other pods count.
  for (const node of hasWishes ? cluster.nodes : cluster.nodesWithAffinity) {
    for (const other of hasWishes ? node.pods : node.podsWithAffinity.values()) {
      prefer(preferred, other, node, 1)
      prefer(preferredAnti, other, node, -1)
      worth.addEach(other.affinity.required, pod.pod, labelsOf, node, HARD_AFFINITY_WEIGHT)
      prefer(other.affinity.preferred, pod, node, 1)
      prefer(other.affinity.preferredAnti, pod, node, -1)
    }
  }
  return worth.isEmpty ? undefined : worth
}
