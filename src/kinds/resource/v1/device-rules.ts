import { stringifyJson } from '../../../base/json.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { cIdentifierErrors, labelValueErrors } from '../../../machinery/names.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { invalids, validateLabelName } from '../../../machinery/validate-object-meta.ts'
import { validateDnsSubdomain } from '../../core/v1/field-rules.ts'
import { validateDriverName } from '../../storage/v1/csi-driver-name.ts'
import { validateItems } from './collection-rules.ts'
import type { DeviceTaint } from './device.ts'
import type { DeviceToleration } from './device-claim.ts'
import type { OpaqueDeviceConfiguration } from './device-selector.ts'

const LONGEST_POOL = 253
const LONGEST_ID = 32
const MOST_PARAMETER_BYTES = 10 * 1024
const MOST_CONDITIONS = 4
const EFFECTS = ['NoExecute', 'NoSchedule', 'None']
const OPERATORS = ['Equal', 'Exists']
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const OMITTED = '<value omitted>'

/** Subdomains with slashes between them. */
export function* validatePoolName(name: string, path: FieldPath): FieldErrors {
  if (name === '') {
    yield required(path)
    return
  }
  if (Buffer.byteLength(name) > LONGEST_POOL) yield tooLong(path, LONGEST_POOL)
  for (const part of name.split('/')) yield* validateDnsSubdomain(part, path)
}

/** The identity of one share of a device. */
export function* validateShareId(id: string, path: FieldPath): FieldErrors {
  if (!UUID.test(id)) {
    yield invalid(path, id, `error validating uid: ${whyNotUuid(id)}`)
  } else if (id !== id.toLowerCase()) {
    const form = '`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
    yield invalid(path, id, `uid must be in RFC 4122 normalized form, ${form}`)
  }
}

function whyNotUuid(id: string): string {
  const isKnownLength = [32, 36, 38, 45].includes(id.length)
  return isKnownLength ? 'invalid UUID format' : `invalid UUID length: ${id.length}`
}

/** An identifier, under a domain or not. */
export function* validateQualifiedId(name: string, path: FieldPath): FieldErrors {
  const parts = name.split('/')
  const [first = '', second = ''] = parts
  if (parts.length === 1) yield* validateId(first, path)
  if (parts.length !== 2) return
  if (first === '') yield invalid(path, '', 'the domain must not be empty')
  else yield* validateDriverName(first, path)
  if (second === '') yield invalid(path, '', 'the name must not be empty')
  else yield* validateId(second, path)
}

/** An identifier under a domain. */
export function* validateFullyQualifiedId(name: string, path: FieldPath): FieldErrors {
  yield* validateQualifiedId(name, path)
  if (name.includes('/')) return
  const why = 'a fully qualified name must be a domain and a name separated by a slash'
  yield invalid(path, name, why)
}

function* validateId(id: string, path: FieldPath): FieldErrors {
  if (Buffer.byteLength(id) > LONGEST_ID) yield tooLong(path, LONGEST_ID)
  yield* invalids(path, id, cIdentifierErrors(id))
}

/** What a taint was already needs not be one of the known effects. */
export function* validateDeviceTaint(
  { key, value = '', effect }: DeviceTaint,
  old: DeviceTaint | undefined,
  path: FieldPath,
): FieldErrors {
  yield* validateLabelName(key, path.child('key'))
  if (value !== '') yield* validateLabelValue(value, path.child('value'))
  if (old !== undefined && old.effect === effect) return
  yield* validateKnown(effect, EFFECTS, path.child('effect'))
}

export function* validateDeviceToleration(
  toleration: DeviceToleration,
  path: FieldPath,
): FieldErrors {
  const { key = '', operator, value = '', effect = '' } = toleration
  if (key !== '') yield* validateLabelName(key, path.child('key'))
  const valuePath = path.child('value')
  if (operator === 'Equal') yield* validateLabelValue(value, valuePath)
  else if (operator !== 'Exists') yield* validateKnown(operator, OPERATORS, path.child('operator'))
  else if (value !== '') yield invalid(valuePath, value, 'must be empty for operator `Exists`')
  if (effect !== '' && !EFFECTS.includes(effect)) {
    yield notSupported(path.child('effect'), effect, EFFECTS)
  }
}

function* validateKnown(value: string, known: readonly string[], path: FieldPath): FieldErrors {
  if (value === '') yield required(path)
  else if (!known.includes(value)) yield notSupported(path, value, known)
}

function validateLabelValue(value: string, path: FieldPath): FieldErrors {
  return invalids(path, value, labelValueErrors(value))
}

/** Which conditions a device waits for before and after it is bound to a node. */
export function* validateBindingConditions(
  conditions: readonly string[],
  failures: readonly string[],
  path: FieldPath,
): FieldErrors {
  const conditionsPath = path.child('bindingConditions')
  const failuresPath = path.child('bindingFailureConditions')
  yield* validateItems(conditions, MOST_CONDITIONS, validateLabelName, conditionsPath)
  yield* validateItems(failures, MOST_CONDITIONS, validateLabelName, failuresPath)
  yield* validateDistinct(conditions, conditionsPath)
  const repeated = repeatedPlaces(failures)
  for (const [index, failure] of failures.entries()) {
    const at = failuresPath.index(index)
    if (repeated.has(index)) yield duplicate(at, failure)
    if (!conditions.includes(failure)) continue
    yield invalid(at, failure, 'bindingFailureConditions must not overlap with bindingConditions')
  }
  if (conditions.length === 0 && failures.length > 0) {
    const why = 'bindingConditions are required to use bindingFailureConditions'
    yield invalid(conditionsPath, undefined, why)
  }
  if (failures.length === 0 && conditions.length > 0) {
    const why = 'bindingFailureConditions are required to use bindingConditions'
    yield invalid(failuresPath, undefined, why)
  }
}

function* validateDistinct(texts: readonly string[], path: FieldPath): FieldErrors {
  const repeated = repeatedPlaces(texts)
  for (const [index, text] of texts.entries()) {
    if (repeated.has(index)) yield duplicate(path.index(index), text)
  }
}

/** Configuration for a driver: an object that is not too large. */
export function* validateConfiguration(
  opaque: OpaqueDeviceConfiguration | undefined,
  path: FieldPath,
  isStored: boolean,
): FieldErrors {
  const opaquePath = path.child('opaque')
  if (opaque === undefined) {
    yield required(opaquePath)
    return
  }
  yield* validateDriverName(opaque.driver, opaquePath.child('driver'))
  yield* validateRaw(opaque.parameters, opaquePath.child('parameters'), isStored)
}

/** What is stored may be larger than what is new. */
export function* validateRaw(value: unknown, path: FieldPath, isStored: boolean): FieldErrors {
  if (value === undefined || value === null) yield required(path)
  else if (!isStored && Buffer.byteLength(stringifyJson(value)) > MOST_PARAMETER_BYTES) {
    yield tooLong(path, MOST_PARAMETER_BYTES)
  } else if (typeof value !== 'object' || Array.isArray(value)) {
    yield invalid(path, OMITTED, 'must be a valid JSON object')
  }
}
