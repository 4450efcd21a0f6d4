import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  required,
} from '../../../machinery/field-error.ts'
import { validateQualifiedName } from '../../core/v1/field-rules.ts'
import { validateParameters } from './storage-class-validation.ts'
import type { VolumeAttributesClass } from './volume-attributes-class.ts'

/** A driver, and at least one parameter for it. */
export function* validateAttributesClass(
  { driverName, parameters = {} }: VolumeAttributesClass,
  path: FieldPath,
): FieldErrors {
  if (driverName === '') yield required(path.child('driverName'))
  else yield* validateQualifiedName(driverName.toLowerCase(), path.child('driverName'))
  yield* validateParameters(parameters, path.child('parameters'))
  if (Object.keys(parameters).length === 0) {
    yield required(path.child('parameters'), 'must contain at least one key/value pair')
  }
}

/** Volumes were made with what a class said: it never says otherwise. */
export function* validateAttributesClassUpdate(
  object: VolumeAttributesClass,
  old: VolumeAttributesClass,
  path: FieldPath,
): FieldErrors {
  for (const field of ['driverName', 'parameters'] as const) {
    if (deepEqual(object[field], old[field])) continue
    yield forbidden(path.child(field), `updates to ${field} are forbidden.`)
  }
  yield* validateAttributesClass(object, path)
}
