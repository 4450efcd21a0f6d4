import type { Job } from '../../kinds/batch/v1/job.ts'
import type { Container } from '../../kinds/core/v1/container.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodTemplateSpec } from '../../kinds/core/v1/pod-template-spec.ts'
import {
  COMPLETION_INDEX,
  FAILURE_COUNT,
  failureCount,
  IGNORED_FAILURE_COUNT,
  ignoredFailureCount,
  TRACKING_FINALIZER,
} from './job-pod.ts'
import { judgeFailure } from './pod-failure-policy.ts'

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'

/** What the API server leaves of a name that it completes itself. */
const MAX_PREFIX_LENGTH = 58

/** What a new pod of a Job is made from. `replaced` is the failed pod of the same index. */
export function jobTemplate(
  job: Job,
  index: number | undefined,
  replaced: Pod | undefined,
): PodTemplateSpec {
  const { template } = job.spec
  const finalizers = new Set([...(template.metadata.finalizers ?? []), TRACKING_FINALIZER])
  const tracked = { ...template.metadata, finalizers: [...finalizers] }
  if (index === undefined) return { ...template, metadata: tracked }
  const { annotations, labels } = tracked
  const counts = job.spec.backoffLimitPerIndex !== undefined && failureCounts(job, replaced)
  const metadata = {
    ...tracked,
    annotations: { ...annotations, [COMPLETION_INDEX]: `${index}`, ...counts },
    labels: { ...labels, [COMPLETION_INDEX]: `${index}` },
  }
  const { initContainers, containers } = template.spec
  const spec = {
    ...template.spec,
    ...(initContainers !== undefined && { initContainers: initContainers.map(withIndexVariable) }),
    containers: containers.map(withIndexVariable),
    hostname: `${job.metadata.name}-${index}`,
  }
  return { ...template, metadata, spec }
}

/** Names of an indexed Job's pods tell the index; undefined for other Jobs. */
export function podNamePrefixFor({ metadata }: Job, index: number | undefined): string | undefined {
  if (index === undefined) return undefined
  const suffix = `-${index}-`
  return `${metadata.name.slice(0, MAX_PREFIX_LENGTH - suffix.length)}${suffix}`
}

function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> {
  if (replaced === undefined) return { [FAILURE_COUNT]: '0' }
  const isIgnored = judgeFailure(job, replaced).action === 'Ignore'
  const ignored = ignoredFailureCount(replaced) + Number(isIgnored)
  return {
    [FAILURE_COUNT]: `${failureCount(replaced) + Number(!isIgnored)}`,
    ...(ignored > 0 && { [IGNORED_FAILURE_COUNT]: `${ignored}` }),
  }
}

function withIndexVariable<T extends Pick<Container, 'env'>>(container: T): T {
  const { env = [] } = container
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${COMPLETION_INDEX}']` }
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] }
}
