import { decodeObject } from '../../../machinery/decode.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { internalError, StatusError } from '../../../machinery/status-error.ts'
import { patchedKindFault } from '../../verbs/body-names.ts'

/** What is said to clients who send such an object. */
const CANNOT_BE_HANDLED = /^\S+ in version "[^"]*" cannot be handled as a \S+: /

/** A changed object with its defaults. Throws an Error that says why it is none of the kind. */
export function decodeChanged(kind: Kind, changed: unknown): KubeObject {
  return completed(kind, read(kind, changed).value)
}

/** The same where a field that the kind does not have is an error too. */
export function decodeStrictly(kind: Kind, changed: unknown): KubeObject {
  const { value, problems } = read(kind, changed)
  if (problems.length > 0) throw new Error(`strict decoding error: ${problems.join(', ')}`)
  return completed(kind, value)
}

/**
 * Judges what a changed object says that it is: what is known as something else cannot be
 * converted, what is not known cannot be read. Throws the 500 of upstream.
 */
export function checkNames(kind: Kind, changed: unknown): void {
  const fault = patchedKindFault(kind, changed)
  if (fault === undefined) return
  throw fault.startsWith('converting ') ? new StatusError('', fault) : internalError(fault)
}

function read(kind: Kind, changed: unknown) {
  try {
    return decodeObject(kind, changed)
  } catch (error) {
    throw new Error((error as Error).message.replace(CANNOT_BE_HANDLED, ''))
  }
}

function completed(kind: Kind, object: KubeObject): KubeObject {
  return kind.setDefaults?.(object) ?? object
}
