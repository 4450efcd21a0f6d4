import { JsonSyntaxError, parseJson, stringifyJson } from '../../../base/json.ts'
import { Scale } from '../../../kinds/autoscaling/v1/scale.ts'
import { sortedJson } from '../../../machinery/json-value.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import {
  applyJsonPatch,
  type JsonPatchOperation,
  readJsonPatch,
} from '../../../machinery/patch/json-patch.ts'
import { internalError, StatusError } from '../../../machinery/status-error.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import { checkNames, decodeChanged } from '../dynamic/decode-changed.ts'
import type { AdmissionAnswer } from './admission-review.ts'
import { CallingWebhookError } from './webhook-errors.ts'

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

/** What the operations make of an object. Throws the 500 of upstream where they do not apply. */
export function applyOperations(
  object: KubeObject,
  operations: readonly JsonPatchOperation[],
): KubeObject {
  try {
    return applyJsonPatch(object, operations) as KubeObject
  } catch (error) {
    throw internalError((error as Error).message)
  }
}

/** What a webhook has made, decoded with its defaults. Throws a 500 for anything else. */
export function decodePatched(kind: Kind, patched: KubeObject): KubeObject {
  if (kind.custom === undefined) checkNames(kind, patched)
  else if ((patched.kind ?? '') === '') {
    throw internalError(`Object 'Kind' is missing in '${stringifyJson(sortedJson(patched))}'`)
  }
  try {
    return decodeChanged(kind, patched)
  } catch (error) {
    const why = (error as Error).message
    throw kind.custom === undefined ? internalError(why) : new StatusError('', why)
  }
}

/** The version that a webhook's answer is in: of custom resources it may be any that is served. */
export function versionOfAnswer(
  patched: KubeObject,
  asked: ServedResource | undefined,
): ServedResource | undefined {
  if (asked?.kind.custom === undefined || patched.kind === Scale.kind) return asked
  const { apiVersion = '' } = patched
  const found = [...asked.family.values()].find(({ kind }) => kind.apiVersion === apiVersion)
  if (found !== undefined || apiVersion === '') return found ?? asked
  const what = 'request to convert CR from an invalid group/version'
  throw new StatusError('', `${what}: ${apiVersion}`)
}
