import type { PodDisruptionBudget } from '../../../kinds/policy/v1/pod-disruption-budget.ts'
import { SelectorError } from '../../../machinery/label-requirement.ts'
import { Selector, selectorOf } from '../../../machinery/label-selector.ts'
import type { PodInfo } from '../../framework/pod-info.ts'

/**
 * Parts pods, the most important first, into those whose deletion would break a budget and the
 * others. Each deletion counts against all budgets that match the pod.
 */
export function partByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  const violating: PodInfo[] = []
  const others: PodInfo[] = []
  const left = budgets.map((budget) => ({
    budget,
    selector: selectorIn(budget),
    allowed: budget.status.disruptionsAllowed,
  }))
  for (const info of pods) {
    const { name, namespace, labels = {} } = info.pod.metadata
    let isViolating = false
    for (const one of Object.keys(labels).length === 0 ? [] : left) {
      const { metadata, status } = one.budget
      if (metadata.namespace !== namespace || !one.selector.matches(labels)) continue
      // The API server has counted this one already.
      if (Object.hasOwn(status.disruptedPods ?? {}, name)) continue
      one.allowed--
      if (one.allowed < 0) isViolating = true
    }
    if (isViolating) violating.push(info)
    else others.push(info)
  }
  return { violating, others }
}

/** An absent, empty or wrong selector matches nothing here. */
function selectorIn({ spec }: PodDisruptionBudget): Selector {
  try {
    const selector = selectorOf(spec.selector)
    return selector.isEverything ? Selector.nothing : selector
  } catch (error) {
    if (error instanceof SelectorError) return Selector.nothing
    throw error
  }
}
