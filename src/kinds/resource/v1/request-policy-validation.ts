import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { validateSet } from './collection-rules.ts'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from './device.ts'

const MOST_OPTIONS = 10

/** Which parts of a capacity (`value`) may be asked for; the default must be one of them. */
export function* validateRequestPolicy(
  value: string,
  { default: usual, validValues = [], validRange }: CapacityRequestPolicy,
  path: FieldPath,
): FieldErrors {
  const hasValues = validValues.length > 0
  if (hasValues && validRange !== undefined) {
    const why =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" ' +
      'at the same time'
    yield forbidden(path, why)
    return
  }
  if (!hasValues && validRange === undefined) return
  if (!usual) {
    const what = hasValues ? 'validValues' : 'validRange'
    yield required(path.child('default'), `required when ${what} is defined`)
  } else if (hasValues) yield* validateOptions(usual, value, validValues, path.child('validValues'))
  else if (validRange) yield* validateRange(usual, value, validRange, path.child('validRange'))
}

function isMore(a: string, b: string): boolean {
  return parseQuantity(a).compare(parseQuantity(b)) > 0
}

function* validateOptions(
  usual: string,
  most: string,
  options: readonly string[],
  path: FieldPath,
): FieldErrors {
  for (const [index, option] of options.entries()) {
    const before = options[index - 1]
    if (before === undefined || !isMore(before, option)) continue
    yield invalid(path.index(index), option, 'values must be sorted in ascending order')
  }
  function* validateOption(option: string, at: FieldPath): FieldErrors {
    if (!isMore(option, most)) return
    yield invalid(at, option, `option is larger than capacity value: ${most}`)
  }
  const keyOf = (option: string) => `${parseQuantity(option).roundUp(0).scaled(0)}`
  yield* validateSet(options, MOST_OPTIONS, validateOption, keyOf, path)
  const isOption = options.some((one) => parseQuantity(one).compare(parseQuantity(usual)) === 0)
  if (isOption && options.length <= MOST_OPTIONS) return
  yield invalid(path, usual, 'default value is not valid according to the requestPolicy')
}

function* validateRange(
  usual: string,
  most: string,
  { min, max, step }: CapacityRequestPolicyRange,
  path: FieldPath,
): FieldErrors {
  const [minPath, maxPath] = [path.child('min'), path.child('max')]
  if (!min) {
    yield required(minPath, 'required when validRange is defined')
    return
  }
  if (isMore(min, most)) yield invalid(minPath, min, `min is larger than capacity value: ${most}`)
  if (isMore(min, usual)) yield invalid(minPath, usual, `default is less than min: ${min}`)
  if (max !== undefined) {
    if (isMore(min, max)) yield invalid(maxPath, min, `min is larger than max: ${max}`)
    if (isMore(max, most)) yield invalid(maxPath, max, `max is larger than capacity value: ${most}`)
    if (isMore(usual, max)) yield invalid(maxPath, usual, `default is more than max: ${max}`)
  }
  if (step === undefined) return
  const stepPath = path.child('step')
  const added = parseQuantity(min).add(parseQuantity(step))
  if (added.compare(parseQuantity(most)) > 0) {
    yield invalid(stepPath, step, `one step ${added} is larger than capacity value: ${most}`)
  }
  yield* validateStep(usual, min, step, stepPath)
  if (max !== undefined) yield* validateStep(max, min, step, stepPath)
}

function* validateStep(value: string, min: string, step: string, path: FieldPath): FieldErrors {
  const [whole, least, size] = [value, min, step].map((text) =>
    parseQuantity(text).roundUp(0).scaled(0),
  ) as [bigint, bigint, bigint]
  if (size !== 0n && (whole - least) % size === 0n) return
  yield invalid(path, value, `value is not a multiple of a given step (${step}) from (${min})`)
}
