import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../machinery/field-error.ts'
import type { Condition } from '../machinery/meta-condition.ts'
import { regexError } from '../machinery/names.ts'
import { validateLabelName } from '../machinery/validate-object-meta.ts'

const STATUSES = ['False', 'True', 'Unknown']
const MOST_REASON_BYTES = 1024
const MOST_MESSAGE_BYTES = 32 * 1024
const REASON_PATTERN = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const REASON = new RegExp(`^${REASON_PATTERN}$`)

/** Conditions of the common kind, `metav1.Condition`: one of each type, each with a reason. */
export function* validateMetaConditions(
  conditions: readonly Condition[] | undefined,
  path: FieldPath,
): FieldErrors {
  const seen = new Set<string>()
  for (const [index, condition] of (conditions ?? []).entries()) {
    const itemPath = path.index(index)
    const { type } = condition
    if (seen.has(type)) yield duplicate(itemPath.child('type'), type)
    seen.add(type)
    yield* validateLabelName(type, itemPath.child('type'))
    yield* validateCondition(condition, itemPath)
  }
}

function* validateCondition(condition: Condition, path: FieldPath): FieldErrors {
  const { status, observedGeneration = 0, lastTransitionTime, reason, message } = condition
  if (!STATUSES.includes(status)) yield notSupported(path.child('status'), status, STATUSES)
  if (observedGeneration < 0) {
    const why = 'must be greater than or equal to zero'
    yield invalid(path.child('observedGeneration'), observedGeneration, why)
  }
  if (!lastTransitionTime) yield required(path.child('lastTransitionTime'))
  const reasonPath = path.child('reason')
  if (reason === '') yield required(reasonPath)
  else {
    if (!REASON.test(reason)) {
      const examples = ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB']
      const what =
        'a condition reason must start with alphabetic character, optionally followed by a ' +
        "string of alphanumeric characters or '_,:', and must end with an alphanumeric " +
        "character or '_'"
      yield invalid(reasonPath, reason, regexError(what, REASON_PATTERN, ...examples))
    }
    if (Buffer.byteLength(reason) > MOST_REASON_BYTES) yield tooLong(reasonPath, MOST_REASON_BYTES)
  }
  if (Buffer.byteLength(message) > MOST_MESSAGE_BYTES) {
    yield tooLong(path.child('message'), MOST_MESSAGE_BYTES)
  }
}
