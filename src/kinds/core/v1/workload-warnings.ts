import { FieldPath } from '../../../machinery/field-error.ts'
import type { ObjectMeta } from '../../../machinery/object-meta.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'
import { nameWarnings, podTemplateWarnings } from './pod-warnings.ts'

/** Whatever makes pods of a template. */
interface Workload {
  readonly metadata: ObjectMeta
  readonly spec: { readonly template?: PodTemplateSpec | undefined }
}

const TEMPLATE = FieldPath.root.child('spec', 'template')

/** What a new workload's name and template hardly mean as they say. */
export function* workloadWarnings(workload: Workload): Iterable<string> {
  yield* workloadNameWarnings(workload)
  yield* templateWarnings(workload)
}

/** For what names its pods after itself. */
export function workloadNameWarnings({ metadata }: Pick<Workload, 'metadata'>): Iterable<string> {
  return nameWarnings(metadata.name ?? '', 'Pod names and hostnames')
}

/** What the template alone hardly means as it says. */
export function templateWarnings({ spec: { template } }: Workload): Iterable<string> {
  return template === undefined ? [] : podTemplateWarnings(template, TEMPLATE)
}

/** As `templateWarnings`, when anything but metadata changed. */
export function workloadUpdateWarnings(workload: Workload, old: Workload): Iterable<string> {
  const isChanged = workload.metadata.generation !== old.metadata.generation
  return isChanged ? templateWarnings(workload) : []
}
