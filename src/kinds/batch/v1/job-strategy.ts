import type { Job } from './job.ts'

const PREFIX = 'batch.kubernetes.io/'

/** A Job's pods bear its identity, and it selects them by that, unless it brings a selector. */
export function prepareJobForCreate(job: Job): Job {
  const { metadata, spec } = job
  if (spec.manualSelector) return job
  const { template } = spec
  const { labels: given = {} } = template.metadata
  const labels = {
    'controller-uid': metadata.uid,
    [`${PREFIX}controller-uid`]: metadata.uid,
    'job-name': metadata.name,
    [`${PREFIX}job-name`]: metadata.name,
    ...given,
  }
  const { selector } = spec
  const matchLabels = { [`${PREFIX}controller-uid`]: metadata.uid, ...selector?.matchLabels }
  // Labels that it has from its template by default are those of its template for good.
  const ownLabels = metadata.labels === template.metadata.labels ? {} : (metadata.labels ?? {})
  const isLabelled = Object.keys(ownLabels).length > 0
  return {
    ...job,
    // As every reader of the Job is told, upstream by its defaults.
    metadata: isLabelled ? metadata : { ...metadata, labels },
    spec: {
      ...spec,
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}
