import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  invalidWithoutValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../../machinery/field-error.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { validateNonNegative, validateQualifiedName } from '../../core/v1/field-rules.ts'
import { countIndexes, IndexSyntaxError, parseIndexes } from './index-intervals.ts'
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicy,
  SuccessPolicyRule,
} from './job-spec.ts'

const MOST_RULES = 20
const MOST_EXIT_CODES = 255
const MOST_CONDITIONS = 20
const MOST_INDEX_BYTES = 64 * 1024
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']

export function* validatePodFailurePolicy(
  { rules }: PodFailurePolicy,
  spec: JobSpec,
  path: FieldPath,
): FieldErrors {
  const rulesPath = path.child('rules')
  const { containers, initContainers = [] } = spec.template.spec
  const names = [...containers, ...initContainers].map(({ name }) => name)
  if (rules.length > MOST_RULES) yield tooMany(rulesPath, rules.length, MOST_RULES)
  for (const [index, rule] of rules.entries()) {
    yield* validateFailureRule(rule, { spec, names }, rulesPath.index(index))
  }
}

export function* validateSuccessPolicy(
  { rules }: SuccessPolicy,
  completions: number,
  path: FieldPath,
): FieldErrors {
  const rulesPath = path.child('rules')
  if (rules.length === 0) {
    const why = 'at least one rules must be specified when the successPolicy is specified'
    yield required(rulesPath, why)
  }
  if (rules.length > MOST_RULES) yield tooMany(rulesPath, rules.length, MOST_RULES)
  for (const [index, rule] of rules.entries()) {
    yield* validateSuccessRule(rule, completions, rulesPath.index(index))
  }
}

function* validateFailureRule(
  rule: PodFailurePolicyRule,
  { spec, names }: { readonly spec: JobSpec; readonly names: readonly string[] },
  path: FieldPath,
): FieldErrors {
  const { action, onExitCodes, onPodConditions = [] } = rule
  const actionPath = path.child('action')
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    yield invalid(actionPath, action, 'requires the backoffLimitPerIndex to be set')
  }
  yield* validateChoice(action, ACTIONS, actionPath)
  if (onExitCodes !== undefined) {
    yield* validateExitCodes(onExitCodes, names, path.child('onExitCodes'))
  }
  yield* validateConditions(onPodConditions, path.child('onPodConditions'))
  const [hasCodes, hasConditions] = [onExitCodes !== undefined, onPodConditions.length > 0]
  if (hasCodes && hasConditions) {
    const why = 'specifying both OnExitCodes and OnPodConditions is not supported'
    yield invalidWithoutValue(path, why)
  } else if (!hasCodes && !hasConditions) {
    const why = 'specifying one of OnExitCodes and OnPodConditions is required'
    yield invalidWithoutValue(path, why)
  }
}

function* validateChoice(
  value: string,
  supported: readonly string[],
  path: FieldPath,
): FieldErrors {
  const list = supported.map((one) => JSON.stringify(one)).join(' ')
  if (value === '') yield required(path, `valid values: [${list}]`)
  else if (!supported.includes(value)) yield notSupported(path, value, supported)
}

function* validateConditions(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: FieldPath,
): FieldErrors {
  if (patterns.length > MOST_CONDITIONS) yield tooMany(path, patterns.length, MOST_CONDITIONS)
  for (const [index, { type, status }] of patterns.entries()) {
    yield* validateQualifiedName(type, path.index(index).child('type'))
    yield* validateChoice(status, STATUSES, path.index(index).child('status'))
  }
}

function* validateExitCodes(
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  names: readonly string[],
  path: FieldPath,
): FieldErrors {
  yield* validateChoice(operator, OPERATORS, path.child('operator'))
  if (containerName !== undefined && !names.includes(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template'
    yield invalid(path.child('containerName'), containerName, why)
  }
  const valuesPath = path.child('values')
  if (values.length === 0) yield invalid(valuesPath, values, 'at least one value is required')
  if (values.length > MOST_EXIT_CODES) yield tooMany(valuesPath, values.length, MOST_EXIT_CODES)
  const repeated = repeatedPlaces(values)
  for (const [index, value] of values.entries()) {
    const valuePath = valuesPath.index(index)
    if (operator === 'In' && value === 0) {
      yield invalid(valuePath, value, 'must not be 0 for the In operator')
    }
    if (repeated.has(index)) yield duplicate(valuePath, value)
  }
  const isOrdered = values.every((value, index) => (values[index - 1] ?? value) <= value)
  if (!isOrdered) yield invalid(valuesPath, values, 'must be ordered')
}

function* validateSuccessRule(
  { succeededIndexes: indexes, succeededCount: count }: SuccessPolicyRule,
  completions: number,
  path: FieldPath,
): FieldErrors {
  if (count === undefined && indexes === undefined) {
    yield required(path, 'at least one of succeededCount or succeededIndexes must be specified')
  }
  const indexesPath = path.child('succeededIndexes')
  if (indexes !== undefined) yield* validateSucceededIndexes(indexes, completions, indexesPath)
  if (count === undefined) return
  const countPath = path.child('succeededCount')
  yield* validateNonNegative(count, countPath)
  if (count > completions) {
    const why = `${completions} (the number of specified completions)`
    yield invalid(countPath, count, `must be less than or equal to ${why}`)
  }
  if (indexes === undefined) return
  const total = totalOf(indexes, completions)
  if (count > total) {
    const why = `${total} (the number of indexes in the specified succeededIndexes field)`
    yield invalid(countPath, count, `must be less than or equal to ${why}`)
  }
}

function* validateSucceededIndexes(
  indexes: string,
  completions: number,
  path: FieldPath,
): FieldErrors {
  if (indexes.length > MOST_INDEX_BYTES) yield tooLong(path, MOST_INDEX_BYTES)
  yield* validateIndexes(indexes, completions, path, 'succeededIndexes')
}

/** A list of indexes in order, all of them below the number of completions. */
export function* validateIndexes(
  indexes: string,
  completions: number,
  path: FieldPath,
  name: string,
): FieldErrors {
  try {
    parseIndexes(indexes, completions)
  } catch (error) {
    if (!(error instanceof IndexSyntaxError)) throw error
    yield invalid(path, indexes, `error parsing ${name}: ${error.message}`)
  }
}

function totalOf(indexes: string, completions: number): number {
  try {
    return countIndexes(parseIndexes(indexes, completions))
  } catch (error) {
    if (error instanceof IndexSyntaxError) return 0
    throw error
  }
}
