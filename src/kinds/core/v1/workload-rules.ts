import { zeroValueOf } from '../../../machinery/decode-node.ts'
import {
  collected,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { type IntOrString, percentOf } from '../../../machinery/int-or-string.ts'
import { SelectorError } from '../../../machinery/label-requirement.ts'
import { type Selector, selectorOf } from '../../../machinery/label-selector.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { percentErrors } from '../../../machinery/names.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateNonNegative } from './field-rules.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'
import { validatePodTemplate } from './pod-validation.ts'

const ABSENT_SELECTOR = zeroValueOf(LabelSelector.node)

/** How upstream's errors speak of one kind of workload. */
interface WorkloadNames {
  readonly empty: string
  readonly kind: string
  readonly mayBeAbsent?: boolean
  /** What is said of a selector that cannot be read. */
  readonly wrongSelector?: string
}

/**
 * The selector of a workload and the template of its pods, which the selector must match. The
 * value that decoding puts in the place of an absent selector is told apart from an empty one.
 */
export function* validateSelectorAndTemplate(
  workload: { readonly selector: LabelSelector; readonly template: PodTemplateSpec },
  names: WorkloadNames,
  path: FieldPath,
): FieldErrors {
  const { selector, template } = workload
  const selectorPath = path.child('selector')
  const isAbsent = selector === ABSENT_SELECTOR
  const { matchLabels = {}, matchExpressions = [] } = selector
  if (isAbsent) {
    if (names.mayBeAbsent !== true) yield required(selectorPath)
  } else {
    yield* collected(validateLabelSelector, selector, selectorPath)
    if (Object.keys(matchLabels).length + matchExpressions.length === 0) {
      yield invalid(selectorPath, selector, `empty selector is invalid for ${names.empty}`)
    }
  }
  const compiled = matcherOf(isAbsent ? undefined : selector)
  const wrong = names.wrongSelector ?? 'invalid label selector'
  if (compiled === undefined) yield invalid(selectorPath, selector, wrong)
  else yield* validateTemplate(template, compiled, names.kind, path.child('template'))
}

/** A template whose pods run until they are deleted. */
export function* validateTemplate(
  template: PodTemplateSpec,
  selector: Selector,
  kind: string,
  path: FieldPath,
): FieldErrors {
  const { metadata, spec } = template
  if (!selector.isEverything && !selector.matches(metadata.labels)) {
    const why = '`selector` does not match template `labels`'
    yield invalid(path.child('metadata', 'labels'), metadata.labels, why)
  }
  yield* collected(validatePodTemplate, template, path)
  if (spec.restartPolicy !== 'Always') {
    yield notSupported(path.child('spec', 'restartPolicy'), spec.restartPolicy, ['Always'])
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${kind} is not Supported`
    yield forbidden(path.child('spec', 'activeDeadlineSeconds'), why)
  }
}

/** A count, or a percentage without a sign. */
export function* validateCountOrPercent(value: IntOrString, path: FieldPath): FieldErrors {
  if (typeof value === 'number') yield* validateNonNegative(value, path)
  else yield* invalids(path, value, percentErrors(value))
}

/** The number in a count or percentage, to compare with zero. */
export function amountOf(value: IntOrString | undefined): number {
  return typeof value === 'number' ? value : (percentOf(value ?? 0) ?? 0)
}

export function* validateAtMost100Percent(value: IntOrString, path: FieldPath): FieldErrors {
  const percent = percentOf(value) ?? 0
  if (percent > 100) yield invalid(path, value, 'must not be greater than 100%')
}

interface Counts {
  readonly replicas?: number | undefined
  readonly readyReplicas?: number | undefined
  readonly availableReplicas?: number | undefined
}

/** Counts of pods in a status: none negative, and no part larger than the whole. */
export function* validateCounts<S extends Counts>(
  status: S,
  fields: readonly (keyof S & string)[],
  parts: readonly (keyof S & string)[],
  path: FieldPath,
  readyName = 'readyReplicas',
): FieldErrors {
  const count = (field: keyof S): number => Number(status[field] ?? 0)
  for (const field of fields) yield* validateNonNegative(count(field), path.child(field))
  for (const field of parts) {
    if (count(field) <= count('replicas')) continue
    yield invalid(path.child(field), count(field), 'cannot be greater than status.replicas')
  }
  if (count('availableReplicas') > count('readyReplicas')) {
    const why = `cannot be greater than ${readyName}`
    yield invalid(path.child('availableReplicas'), count('availableReplicas'), why)
  }
}

/** A counter of name collisions only grows. */
export function* validateNotDecremented(
  value: number | undefined,
  old: number | undefined,
  path: FieldPath,
): FieldErrors {
  if (old === undefined || (value !== undefined && value >= old)) return
  yield invalid(path, value ?? 0, 'cannot be decremented')
}

/** The matcher of a selector; undefined for one that breaks a rule. */
export function matcherOf(selector: LabelSelector | undefined): Selector | undefined {
  try {
    return selectorOf(selector)
  } catch (error) {
    if (error instanceof SelectorError) return undefined
    throw error
  }
}
