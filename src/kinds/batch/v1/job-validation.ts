import { isConditionTrue } from '../../../machinery/conditions.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { dns1123LabelErrors } from '../../../machinery/names.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { Container } from '../../core/v1/container.ts'
import type { PodSpec } from '../../core/v1/pod-spec.ts'
import type { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'
import { matcherOf } from '../../core/v1/workload-rules.ts'
import type { Job } from './job.ts'
import { validateJobSpec } from './job-spec-validation.ts'

const PREFIX = 'batch.kubernetes.io/'
const IMMUTABLE_AFTER_TEMPLATE = [
  ...(['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy'] as const),
  'successPolicy',
] as const

export function validateJob(job: Job, path: FieldPath): FieldErrors {
  return validateJobObject(job, true, path)
}

export function* validateJobUpdate(job: Job, old: Job, path: FieldPath): FieldErrors {
  const { spec } = job
  const specPath = path.child('spec')
  const { labels: oldLabels = {} } = old.spec.template.metadata
  const hadPrefixed =
    Object.hasOwn(oldLabels, `${PREFIX}job-name`) &&
    Object.hasOwn(oldLabels, `${PREFIX}controller-uid`)
  yield* validateJobObject(job, hadPrefixed, path)
  // Upstream judges the spec once more as that of a change.
  yield* validateSelectedSpec(spec, specPath)
  yield* validateCompletions(job, old, specPath.child('completions'))
  yield* validateImmutable(spec.selector, old.spec.selector, specPath.child('selector'))
  yield* validateTemplateUpdate(spec.template, old, specPath.child('template'))
  for (const field of IMMUTABLE_AFTER_TEMPLATE) {
    yield* validateImmutable(spec[field], old.spec[field], specPath.child(field))
  }
}

function* validateJobObject(job: Job, needsPrefixed: boolean, path: FieldPath): FieldErrors {
  const { metadata, spec } = job
  if (spec.manualSelector !== true && spec.selector !== undefined) {
    yield* validateGenerated(job, needsPrefixed, path)
  }
  yield* validateSelectedSpec(spec, path.child('spec'))
  const { completions = 0 } = spec
  if (spec.completionMode !== 'Indexed' || completions <= 0) return
  const lastHost = `${metadata.name}-${completions - 1}`
  if (dns1123LabelErrors(lastHost).length === 0) return
  const why = `will not able to create pod with invalid DNS label: ${lastHost}`
  yield invalid(path.child('metadata', 'name'), metadata.name, why)
}

/** A spec whose pods must be its own. */
function* validateSelectedSpec(spec: Job['spec'], specPath: FieldPath): FieldErrors {
  const selector = matcherOf(spec.selector)
  yield* validateJobSpec(spec, specPath)
  const selectorPath = specPath.child('selector')
  if (spec.selector === undefined) yield required(selectorPath)
  else yield* collected(validateLabelSelector, spec.selector, selectorPath)
  const { labels } = spec.template.metadata
  if (selector === undefined || selector.matches(labels)) return
  const labelsPath = specPath.child('template', 'metadata', 'labels')
  yield invalid(labelsPath, labels, '`selector` does not match template `labels`')
}

/** The labels that bind pods to this Job are those that were made for it. */
function* validateGenerated(
  { metadata, spec }: Job,
  needsPrefixed: boolean,
  path: FieldPath,
): FieldErrors {
  const { uid, name } = metadata
  const metaPath = path.child('spec', 'template', 'metadata')
  if (!uid) yield required(path.child('metadata', 'uid'))
  const wanted = {
    'controller-uid': uid,
    'job-name': name,
    ...(needsPrefixed && { [`${PREFIX}controller-uid`]: uid, [`${PREFIX}job-name`]: name }),
  }
  const { labels = {} } = spec.template.metadata
  for (const [key, value] of Object.entries(wanted)) {
    const labelPath = metaPath.child('labels').key(key)
    if (!Object.hasOwn(labels, key)) yield required(labelPath, `must be '${value}'`)
    else if (labels[key] !== value) yield invalid(labelPath, labels, `must be '${value}'`)
  }
  const selector = matcherOf(spec.selector)
  if (selector === undefined || selector.matches(wanted)) return
  yield invalid(path.child('spec', 'selector'), spec.selector, '`selector` not auto-generated')
}

/** An indexed Job can be scaled: completions and parallelism together. */
function* validateCompletions({ spec }: Job, { spec: old }: Job, path: FieldPath): FieldErrors {
  const { completions, parallelism } = spec
  if (spec.completionMode !== 'Indexed') {
    yield* validateImmutable(completions, old.completions, path)
  } else if (completions !== undefined && completions !== old.completions) {
    if (completions === parallelism) return
    yield invalid(path, completions, 'can only be modified in tandem with spec.parallelism')
  }
}

/** While a Job is suspended and none of its pods runs, where and how they run can be changed. */
function* validateTemplateUpdate(
  template: PodTemplateSpec,
  { spec, status }: Job,
  path: FieldPath,
): FieldErrors {
  const hasStopped =
    status.startTime === undefined || isConditionTrue(status.conditions, 'Suspended')
  const isMutable = spec.suspend && hasStopped && (status.active ?? 0) === 0
  if (!isMutable) {
    yield* validateImmutable(template, spec.template, path)
    return
  }
  const allowed = withResourcesOf(withDirectivesOf(spec.template, template).spec, template.spec)
  if (deepEqual(template.spec, allowed)) return
  yield* validateImmutable(template.spec, allowed, path.child('spec'))
}

function withDirectivesOf(old: PodTemplateSpec, template: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates, affinity } = template.spec
  const merged = { ...old.spec.affinity, nodeAffinity: affinity?.nodeAffinity }
  const isEmpty = affinity === undefined && Object.values(merged).every((one) => one === undefined)
  return {
    metadata: template.metadata,
    spec: {
      ...old.spec,
      ...{ nodeSelector, tolerations, schedulingGates },
      affinity: isEmpty ? undefined : merged,
    },
  }
}

function withResourcesOf(old: PodSpec, spec: PodSpec): PodSpec {
  const { containers, initContainers } = old
  return {
    ...old,
    containers: withResources(containers, spec.containers),
    initContainers: initContainers && withResources(initContainers, spec.initContainers ?? []),
  }
}

function withResources(old: readonly Container[], containers: readonly Container[]) {
  if (old.length !== containers.length) return old
  return old.map((one, index) => {
    const { name, resources } = containers[index] as Container
    return name === one.name ? { ...one, resources } : one
  })
}
