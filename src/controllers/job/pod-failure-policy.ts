import type { Job } from '../../kinds/batch/v1/job.ts'
import type {
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../../kinds/batch/v1/job-spec.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'

/** What a failed pod means for its Job. */
export interface FailureVerdict {
  readonly action: PodFailurePolicyRule['action']
  /** Why the whole Job fails. */
  readonly message?: string
}

/** The first rule that matches decides; a failure that none matches counts. */
export function judgeFailure({ spec }: Job, pod: Pod): FailureVerdict {
  const { rules = [] } = spec.podFailurePolicy ?? {}
  for (const [index, rule] of rules.entries()) {
    const cause = causeOf(rule, pod)
    if (cause === undefined) continue
    const { action } = rule
    if (action !== 'FailJob') return { action }
    return { action, message: `${cause} matching FailJob rule at index ${index}` }
  }
  return { action: 'Count' }
}

function causeOf(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`
  if (rule.onExitCodes !== undefined) {
    const ended = containerThatMatches(pod, rule.onExitCodes)
    if (ended === undefined) return undefined
    return `Container ${ended.name} for pod ${name} failed with exit code ${ended.exitCode}`
  }
  const condition = conditionThatMatches(pod, rule.onPodConditions ?? [])
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition}`
}

function containerThatMatches(
  { status }: Pod,
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): { readonly name: string; readonly exitCode: number } | undefined {
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  for (const { name, state } of statuses) {
    const exitCode = state?.terminated?.exitCode ?? 0
    if (exitCode === 0 || (containerName !== undefined && containerName !== name)) continue
    if (values.includes(exitCode) === (operator === 'In')) return { name, exitCode }
  }
  return undefined
}

function conditionThatMatches(
  { status }: Pod,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
): string | undefined {
  return status.conditions?.find((condition) =>
    patterns.some(
      (pattern) => pattern.type === condition.type && pattern.status === condition.status,
    ),
  )?.type
}
