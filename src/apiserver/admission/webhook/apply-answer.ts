import { JsonSyntaxError, parseJson } from '../../../base/json.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import {
  applyJsonPatch,
  type JsonPatchOperation,
  readJsonPatch,
} from '../../../machinery/patch/json-patch.ts'
import { internalError, StatusError } from '../../../machinery/status-error.ts'
import { patchedKindFault } from '../../verbs/body-names.ts'
import { decodeAs } from '../dynamic/object-view.ts'
import type { AdmissionAnswer } from './admission-review.ts'
import { CallingWebhookError } from './webhook-errors.ts'

/** What is said to clients who send such an object. */
const CANNOT_BE_HANDLED = /^\S+ in version "[^"]*" cannot be handled as a \S+: /

/**
 * The operations that a webhook wants applied; none for no change. Throws a CallingWebhookError for
 * what is no JSON patch.
 */
export function operationsOf(
  webhook: string,
  { patch, patchType }: AdmissionAnswer,
): readonly JsonPatchOperation[] {
  if (patch === undefined) return []
  let operations: readonly JsonPatchOperation[]
  try {
    operations = readJsonPatch(parseJson(patch))
  } catch (error) {
    const why = error instanceof JsonSyntaxError ? error.message : (error as Error).message
    const text = `received undecodable patch in webhook response: ${why}`
    throw new CallingWebhookError(webhook, text, 503)
  }
  if (operations.length > 0 && patchType !== 'JSONPatch') {
    const text = `unsupported patch type ${JSON.stringify(patchType)}`
    throw new CallingWebhookError(webhook, text, 400)
  }
  return operations
}

/**
 * The object that the operations make of one, decoded with its defaults. Throws the 500 of upstream
 * for operations that do not apply, or whose outcome is no object of the kind.
 */
export function patchedObject(
  kind: Kind | undefined,
  object: KubeObject,
  operations: readonly JsonPatchOperation[],
): KubeObject {
  try {
    const patched = applyJsonPatch(object, operations)
    if (kind === undefined) return patched as KubeObject
    if (kind.custom === undefined) checkNames(kind, patched)
    return decodeAs(kind, patched)
  } catch (error) {
    if (error instanceof StatusError && error.reason === '') throw error
    throw internalError((error as Error).message.replace(CANNOT_BE_HANDLED, ''))
  }
}

/** What is known as something else cannot be converted; what is not known cannot be read. */
function checkNames(kind: Kind, patched: unknown): void {
  const fault = patchedKindFault(kind, patched)
  if (fault === undefined) return
  throw fault.startsWith('converting ') ? new StatusError('', fault) : new Error(fault)
}
