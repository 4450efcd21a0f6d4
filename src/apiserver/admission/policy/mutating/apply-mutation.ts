import { CelError } from '../../../../cel/values/cel-error.ts'
import { toJson } from '../../../../cel/values/to-json.ts'
import { CelList, type CelValue } from '../../../../cel/values/value.ts'
import {
  MadeObject,
  typeMismatch,
} from '../../../../kinds/admissionregistration/expressions/mutation-types.ts'
import { merge } from '../../../../machinery/apply/merge.ts'
import { TypedValueError } from '../../../../machinery/apply/path-element.ts'
import { type Shape, shapeOf } from '../../../../machinery/apply/shape.ts'
import { shapeFor, shapeOfField } from '../../../../machinery/apply/typed-parts.ts'
import { validateTyped } from '../../../../machinery/apply/validate-typed.ts'
import { isJsonObject } from '../../../../machinery/json-value.ts'
import type { Kind, KubeObject } from '../../../../machinery/kind.ts'
import { applyJsonPatch, type JsonPatchOperation } from '../../../../machinery/patch/json-patch.ts'
import { PatchError } from '../../../../machinery/patch/patch-error.ts'
import { internalError } from '../../../../machinery/status-error.ts'
import { checkNames, decodeChanged, decodeStrictly } from '../../dynamic/decode-changed.ts'
import { jsonFault } from './json-fault.ts'

const NOT_WHOLE = /^json: cannot unmarshal number \S+ into Go struct field \S+ of type (u?int\d*)$/

/**
 * The object with a configuration over it, merged as server-side apply does without owners. Not
 * decoded yet. Throws an Error with upstream's text.
 */
export function applyConfiguration(kind: Kind, object: KubeObject, value: CelValue): unknown {
  const mismatch = typeMismatch(value)
  if (mismatch !== undefined) throw new Error(`type mismatch: ${mismatch}`)
  const { apiVersion, kind: name } = object
  const config = { ...(toJson(value) as object), apiVersion, kind: name }
  const shape = shapeOf(kind.schema)
  const failed = (why: string) => new Error(`error applying patch: ${why}`)
  try {
    validateTyped(shape, config)
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error
    throw failed(`failed to convert patch object to typed object: ${error.message}`)
  }
  const atomics = [...atomicParts(shape, config, '')]
  if (atomics.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`
    throw failed(`invalid ApplyConfiguration: ${why}`)
  }
  return merge(shape, object, config)
}

/** The paths of what can only be replaced as a whole: what it held would be lost unawares. */
function* atomicParts(given: Shape, value: unknown, path: string): Iterable<string> {
  const shape = shapeFor(given, value)
  if (isJsonObject(value) && (shape.type === 'struct' || shape.type === 'map')) {
    if (shape.isAtomic) yield path
    if (shape.type === 'map') return
    for (const [name, field] of Object.entries(value)) {
      yield* atomicParts(shapeOfField(shape, name), field, `${path}.${name}`)
    }
  } else if (Array.isArray(value) && shape.type === 'list') {
    if (shape.by === 'place') yield path
    for (const [index, item] of value.entries()) {
      yield* atomicParts(shape.items, item, `${path}[${index}]`)
    }
  }
}

/**
 * The object after a patch that an expression has made; the object itself where one of its tests
 * fails. Not decoded yet. Throws an Error with upstream's text.
 */
export function applyPatch(object: KubeObject, value: CelValue): unknown {
  try {
    return applyJsonPatch(object, operationsOf(value))
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    if (error.message.endsWith('failed: test failed')) return object
    throw new Error(`JSON Patch: ${error.message}`)
  }
}

function operationsOf(value: CelValue): readonly JsonPatchOperation[] {
  if (!(value instanceof CelList)) {
    throw new Error('type mismatch: JSONPatchType.expression should evaluate to array')
  }
  const operations: JsonPatchOperation[] = []
  for (let index = 0; index < value.size; index++) {
    const item = value.at(index)
    if (item instanceof CelError) throw new Error(item.message)
    if (!(item instanceof MadeObject) || item.type.name !== 'JSONPatch') {
      throw new Error(
        'type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch',
      )
    }
    operations.push(operationOf(item))
  }
  return operations
}

function operationOf({ fields }: MadeObject): JsonPatchOperation {
  const from = fields.get('from') ?? ''
  const value = fields.get('value')
  if (value !== undefined) checkPatchValue(value)
  return {
    op: fields.get('op') ?? '',
    path: fields.get('path') ?? '',
    ...(from !== '' && { from }),
    ...(value !== undefined && { value: toJson(value) }),
  }
}

/** Throws upstream's errors for values that JSON has no form for. */
function checkPatchValue(value: CelValue): void {
  const mismatch = typeMismatch(value)
  if (mismatch !== undefined) throw new Error(`type mismatch: ${mismatch}`)
  const fault = jsonFault(value)
  if (fault === undefined) return
  const what = 'JSONPath valueExpression evaluated to a type that could not marshal to JSON'
  throw new Error(`${what}: ${fault}`)
}

/**
 * The object that a configuration has made, decoded. Throws an Error with upstream's text for what
 * the kind's schema lets pass but its types do not.
 */
export function decodeApplied(kind: Kind, changed: unknown): KubeObject {
  try {
    return decodeChanged(kind, changed)
  } catch (error) {
    const { group, version } = kind
    const why = (error as Error).message.replace(NOT_WHOLE, 'cannot convert float64 to $1')
    const what = `${group}/${version}, Kind=${kind.kind}`
    throw new Error(`unable to convert unstructured object to ${what}: ${why}`)
  }
}

/** The object that a patch has made, decoded. Throws the 500 of upstream for what is none. */
export function decodePatched(kind: Kind, changed: unknown): KubeObject {
  if (kind.custom === undefined) checkNames(kind, changed)
  try {
    return kind.custom === undefined ? decodeStrictly(kind, changed) : decodeChanged(kind, changed)
  } catch (error) {
    throw internalError((error as Error).message)
  }
}
