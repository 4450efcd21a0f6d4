import type { PodDisruptionBudget } from '../../kinds/policy/v1/pod-disruption-budget.ts'
import { forbiddenError, StatusError } from '../../machinery/status-error.ts'

/** More pods than this wait for their deletion only if the disruption controller is behind. */
const MOST_DISRUPTED_PODS = 2000
const BUDGETS = { group: 'policy', plural: 'poddisruptionbudget' }

/** Why the budget gives no disruption; undefined where it does. */
export function budgetFailure(budget: PodDisruptionBudget): StatusError | undefined {
  const { metadata, status } = budget
  const { name, generation = 0 } = metadata
  if ((status.observedGeneration ?? 0) < generation) return tooManyRequests(name)
  if (status.disruptionsAllowed < 0) {
    return forbiddenError(BUDGETS, name, 'pdb disruptions allowed is negative')
  }
  if (Object.keys(status.disruptedPods ?? {}).length > MOST_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    return forbiddenError(BUDGETS, name, why)
  }
  if (status.disruptionsAllowed > 0) return undefined
  return violation(whyNone(budget))
}

function whyNone({ metadata: { name }, status }: PodDisruptionBudget): string {
  const { conditions = [], currentHealthy: current, desiredHealthy: desired } = status
  const condition = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const isRefused = condition?.status === 'False' && condition.message !== ''
  const none = `The disruption budget ${name} does not allow evicting pods currently`
  if (isRefused && condition.reason === 'SyncFailed') {
    return `${none} because it failed sync: ${condition.message}`
  }
  if (current <= desired) {
    const needs = `The disruption budget ${name} needs ${desired} healthy pods`
    return `${needs} and has ${current} currently`
  }
  return isRefused ? `${none} (${condition.reason}): ${condition.message}` : none
}

/** 429 while the budget's own state is not known well enough. */
export function tooManyRequests(budget: string): StatusError {
  const message = `The disruption budget ${budget} is still being processed by the server.`
  return violation(message, 10)
}

function violation(message: string, retryAfterSeconds?: number): StatusError {
  const text = "Cannot evict pod as it would violate the pod's disruption budget."
  const causes = [{ reason: 'DisruptionBudget', message }]
  return new StatusError('TooManyRequests', text, {
    details: { causes, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) },
  })
}

/** The budget with one disruption less, for this pod. */
export function withDisruption(
  budget: PodDisruptionBudget,
  pod: string,
  time: string,
): PodDisruptionBudget {
  const { status } = budget
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: status.disruptionsAllowed - 1,
      disruptedPods: { ...status.disruptedPods, [pod]: time },
    },
  }
}
