import { type FieldErrors, type FieldPath, required } from '../../../machinery/field-error.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateNonNegative } from '../../core/v1/field-rules.ts'
import type { ControllerRevision } from './controller-revision.ts'

/** A snapshot is an object, and has its place in the order of revisions. */
export function* validateControllerRevision(
  { data, revision }: ControllerRevision,
  path: FieldPath,
): FieldErrors {
  yield* validateNonNegative(Number(revision), path.child('revision'))
  if (data === undefined || data === null) yield required(path.child('data'), 'data is mandatory')
  else if (!isJsonObject(data))
    yield required(path.child('data'), 'data must be a valid JSON object')
}

/** What was a state once stays what it was; its place may change. */
export function* validateControllerRevisionUpdate(
  { data, revision }: ControllerRevision,
  old: ControllerRevision,
  path: FieldPath,
): FieldErrors {
  yield* validateNonNegative(Number(revision), path.child('revision'))
  yield* validateImmutable(data, old.data, path.child('data'))
}
