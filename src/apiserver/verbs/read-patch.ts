import { JsonSyntaxError, stringifyJson } from '../../base/json.ts'
import {
  CodecError,
  type DecodedDocument,
  decodeJson,
  decodeJsonBody,
  isLongJson,
} from '../../machinery/codec/json.ts'
import { decodeObject } from '../../machinery/decode.ts'
import { FieldPath, invalid } from '../../machinery/field-error.ts'
import { describeJson, isJsonObject, sortedJson } from '../../machinery/json-value.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { conversionFault } from '../../machinery/patch/conversion-fault.ts'
import {
  applyJsonPatch,
  jsonPatchProblems,
  readJsonPatch,
} from '../../machinery/patch/json-patch.ts'
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts'
import { PatchError, statusOfPatchError } from '../../machinery/patch/patch-error.ts'
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge.ts'
import { formatGo } from '../../machinery/patch/strategic-merge-errors.ts'
import { badRequest, invalidObject, StatusError } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import { APPLY_PATCH } from './apply.ts'
import { checkPatchedNames, patchedKindFault } from './body-names.ts'
import { complete, mediaTypeOf, unknownFormat } from './read-object.ts'
import type { FieldValidation, WriteOptions } from './write-options.ts'

const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json'
const MAP_TYPE = 'map[string]interface {}'

/** The new state of an object. Throws the StatusError of a patch that does not fit. */
export type Patch = (object: unknown) => KubeObject

/** A patch that was read, of objects without a type. */
interface UntypedPatch {
  apply(object: unknown): unknown
  /** What strict field validation finds in the patch itself. */
  readonly problems: readonly string[]
  /** Names the cause in a 422: the patched object, or a strategic patch. */
  describe(patched: unknown): string
  /** A strategic patch leaves the kind alone, whatever it says. */
  readonly changesKind: boolean
}

/** Reads the body. */
type Decode = () => DecodedDocument

/**
 * The body as a patch of one kind's objects; 415 for what is none. It is read when it is first
 * applied, so that an object that does not exist is what a client hears of first.
 */
export async function readPatchOf(
  request: ServerRequest,
  kind: Kind,
  { fieldValidation }: WriteOptions,
): Promise<Patch> {
  const type = mediaTypeOf(request)
  const known = [JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH]
  if (!known.includes(type)) throw unknownFormat([...known, APPLY_PATCH])
  const bytes = request.object === undefined ? await request.body() : undefined
  request.bodyBytes = bytes?.length
  request.trace?.event('limitedReadBody succeeded', { len: bytes?.length ?? 0 })
  const decode = bytes && (await decoderOfBody(bytes, fieldValidation !== 'Ignore'))
  let patch: UntypedPatch | undefined
  return (object) => {
    patch ??= readUntyped(request, decode, type, kind, fieldValidation)
    return decodePatched(request, kind, patch, object, fieldValidation)
  }
}

/** A long body is read now, since that takes many turns; what is wrong with it is told later. */
async function decoderOfBody(bytes: Uint8Array, findDuplicates: boolean): Promise<Decode> {
  if (!isLongJson(bytes)) return () => decodeJson(bytes, { findDuplicates })
  try {
    const document = await decodeJsonBody(bytes, { findDuplicates })
    return () => document
  } catch (error) {
    return () => {
      throw error
    }
  }
}

function readUntyped(
  request: ServerRequest,
  decode: Decode | undefined,
  type: string,
  kind: Kind,
  fieldValidation: FieldValidation,
): UntypedPatch {
  const isChecked = fieldValidation !== 'Ignore'
  // Upstream has custom resources as maps, which it writes in order.
  const describe = (patched: unknown) =>
    stringifyJson(kind.custom === undefined ? patched : sortedJson(patched))
  const { value, problems } = readDocument(request, decode, type, isChecked)
  switch (type) {
    case JSON_PATCH: {
      if (isChecked) checkOperations(value)
      const operations = readOrThrow(() => readJsonPatch(value ?? []))
      const duplicates = problems.map((problem) => `json patch ${problem}`)
      const faults = [...jsonPatchProblems(operations), ...duplicates]
      return {
        apply: (object) => readOrThrow(() => applyJsonPatch(object, operations)),
        problems: isChecked ? inOrderOfOperations(faults) : [],
        describe,
        changesKind: true,
      }
    }
    case MERGE_PATCH:
      if (isChecked) checkType(value, isJsonObject(value) || value === null, MAP_TYPE)
      return {
        apply: (object) => readOrThrow(() => applyMergePatch(object, value)),
        problems,
        describe,
        changesKind: true,
      }
    default: {
      if (!isJsonObject(value) && value !== null) throw badRequest(mismatch(value, MAP_TYPE))
      const patch = value ?? {}
      return {
        apply: (object) => readOrThrow(() => applyStrategicMergePatch(kind.schema, object, patch)),
        problems,
        describe: () => formatGo(patch),
        changesKind: false,
      }
    }
  }
}

function readDocument(
  request: ServerRequest,
  decode: Decode | undefined,
  type: string,
  isChecked: boolean,
): DecodedDocument {
  if (decode === undefined) {
    request.submitted = request.object
    return { value: request.object, problems: [] }
  }
  try {
    const document = decode()
    request.submitted = document.value
    return document
  } catch (error) {
    if (!(error instanceof JsonSyntaxError) && !(error instanceof CodecError)) throw error
    if (type === STRATEGIC_MERGE_PATCH) throw badRequest(error.message)
    if (isChecked) throw badRequest(`error decoding patch: ${error.message}`)
    throw badRequest(type === MERGE_PATCH ? 'Invalid JSON Patch' : error.message)
  }
}

/** The operations are read strictly before they are read as a patch. */
function checkOperations(value: unknown): void {
  checkType(value, Array.isArray(value) || value === null, '[]handlers.jsonPatchOp')
  for (const operation of (value ?? []) as readonly unknown[]) {
    checkType(operation, isJsonObject(operation) || operation === null, 'handlers.jsonPatchOp')
    const fields = (operation ?? {}) as Readonly<Record<string, unknown>>
    for (const name of ['op', 'path', 'from']) {
      const field = fields[name] ?? ''
      if (typeof field === 'string') continue
      const what = `cannot unmarshal ${describeJson(field)} into Go struct field`
      throw badRequest(`error decoding patch: json: ${what} jsonPatchOp.${name} of type string`)
    }
  }
}

function checkType(value: unknown, isRight: boolean, type: string): void {
  if (!isRight) throw badRequest(`error decoding patch: ${mismatch(value, type)}`)
}

function mismatch(value: unknown, type: string): string {
  return `json: cannot unmarshal ${describeJson(value)} into Go value of type ${type}`
}

function readOrThrow<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof PatchError ? statusOfPatchError(error) : error
  }
}

/** What a patch makes must still be an object of the kind; 422 says why it is not. */
function decodePatched(
  request: ServerRequest,
  kind: Kind,
  patch: UntypedPatch,
  before: unknown,
  fieldValidation: FieldValidation,
): KubeObject {
  const value = patch.apply(before)
  const unfit = (why: string) => {
    const error = invalid(FieldPath.root.child('patch'), patch.describe(value), why)
    return invalidObject({ group: '', kind: '' }, '', [error])
  }
  const { value: object, problems: unknown } = decodeOr(unfit, request, kind, patch, value, before)
  // A strategic patch is not read as a document: upstream sorts what it finds in its result.
  const sorted = patch.changesKind ? unknown : unknown.toSorted()
  const problems = [...patch.problems, ...sorted]
  if (problems.length > 0 && fieldValidation === 'Strict') {
    throw unfit(`strict decoding error: ${problems.join(', ')}`)
  }
  if (fieldValidation === 'Warn') request.addDecodingWarnings(problems)
  return complete(kind, object)
}

function decodeOr(
  unfit: (why: string) => StatusError,
  { isInProcess }: ServerRequest,
  kind: Kind,
  { changesKind, describe }: UntypedPatch,
  value: unknown,
  before: unknown,
) {
  if (kind.custom !== undefined) checkPatchedNames(value, () => describe(value), unfit)
  else if (!isInProcess && changesKind) {
    const fault = patchedKindFault(kind, value)
    if (fault !== undefined) throw unfit(fault)
  }
  const conversion = changesKind ? undefined : conversionFault(kind.schema, value, before)
  if (conversion !== undefined) throw unfit(conversion)
  const { apiVersion, kind: name } = kind
  const isKept = changesKind || !isJsonObject(value)
  try {
    return decodeObject(kind, isKept ? value : { ...value, kind: name, apiVersion })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const why = error.message.replace(CANNOT_BE_HANDLED, '')
    throw unfit(
      changesKind ? why : why.replace(/^(?=illegal base64)/, 'error decoding from json: '),
    )
  }
}

/** What a body is told beside the reason; a patch is not. */
const CANNOT_BE_HANDLED = /^\S+ in version "[^"]*" cannot be handled as a \S+: /

/** Problems of a JSON patch as they are met where it is read. */
function inOrderOfOperations(problems: readonly string[]): readonly string[] {
  const indexOf = (problem: string) => Number(/"\[(\d+)\]/.exec(problem)?.[1] ?? 0)
  return problems.toSorted((one, other) => indexOf(one) - indexOf(other))
}
