import { setOwn } from '../base/json.ts'
import { MOST_PROBLEMS } from './codec/json.ts'
import { scalarDecoder, zeroScalar } from './decode-scalar.ts'
import { goFieldOf, goTypeOf, goTypeOfField } from './go-types.ts'
import { deepFreeze, describeJson, isJsonObject } from './json-value.ts'
import type { JsonForms, SchemaNode, StructNode } from './schema.ts'
import { type FieldNode, type ListNode, type MapNode, resolveNode } from './schema.ts'

/** Reads one value; failures and unknown fields are left in the state. */
export type Decoder = (value: unknown, state: DecodeState) => unknown

/** What could not be read, with where it was, as Go's encoding/json says it. */
class Failure {
  readonly #what: string
  /** The path and the type are named only inside a struct, and not by a type's own reader. */
  #type: string | undefined
  readonly isFatal: boolean
  #struct = ''
  #path = ''

  constructor(what: string, type: string | undefined, isFatal: boolean) {
    this.#what = what
    this.#type = type
    this.isFatal = isFatal
  }

  within(struct: string, field: string): void {
    if (this.#path === '') {
      this.#struct = struct.slice(struct.lastIndexOf('.') + 1)
      if (this.#type !== undefined) this.#type = goTypeOfField(struct, field, this.#type)
    }
    const place = goFieldOf(struct, field)
    this.#path = this.#path === '' ? place : `${place}.${this.#path}`
  }

  toString(): string {
    if (this.#type === undefined) return this.#what
    const where = this.#path === '' ? 'value' : `struct field ${this.#struct}.${this.#path}`
    return `json: cannot unmarshal ${this.#what} into Go ${where} of type ${this.#type}`
  }
}

/** A field that strict validation refuses. */
class UnknownField {
  #path: string
  constructor(name: string) {
    this.#path = name
  }

  below(prefix: string): void {
    this.#path = this.#path.startsWith('[') ? prefix + this.#path : `${prefix}.${this.#path}`
  }

  get text(): string {
    return `unknown field ${JSON.stringify(this.#path)}`
  }
}

/** What one reading has found. Paths are completed on the way out, so that success pays nothing. */
export class DecodeState {
  failure: Failure | undefined
  readonly problems: UnknownField[] = []

  /** As Go, keeps the first mismatch, but what a type's own reader refuses ends the reading. */
  fail(what: string, type: string | undefined, isFatal = false): undefined {
    const isFirst = this.failure === undefined || (isFatal && !this.failure.isFatal)
    if (isFirst) this.failure = new Failure(what, type, isFatal)
    return undefined
  }

  unknown(name: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(new UnknownField(name))
  }

  /** Puts a step of the path in front of what was found since. */
  prefix(problemsBefore: number, step: string): void {
    for (const problem of this.problems.slice(problemsBefore)) problem.below(step)
  }
}

const decoders = new WeakMap<SchemaNode, Decoder>()

/** The reader of a node, made when it is first needed. */
export function decoderOf(given: SchemaNode): Decoder {
  const node = resolveNode(given)
  let decoder = decoders.get(node)
  if (decoder === undefined) {
    decoder = compile(node)
    decoders.set(node, decoder)
  }
  return decoder
}

const objectDecoders = new WeakMap<StructNode, Decoder>()

/**
 * The reader of whole objects. It remembers what it has made of their parts, such as a spec: a
 * patch that leaves a part as it was does not have it read again.
 */
export function objectDecoderOf(node: StructNode): Decoder {
  let decoder = objectDecoders.get(node)
  if (decoder === undefined) {
    decoder = structDecoder(node, remembering)
    objectDecoders.set(node, decoder)
  }
  return decoder
}

/** A value that this very decoder has made, and found nothing wrong with, needs no change. */
function remembering(decode: Decoder): Decoder {
  const made = new WeakSet<object>()
  return (value, state) => {
    if (made.has(value as object)) return value
    const { failure } = state
    const problems = state.problems.length
    const result = decode(value, state)
    const isRight = state.failure === failure && state.problems.length === problems
    if (isRight && isJsonObject(result)) made.add(result)
    return result
  }
}

function compile(node: Exclude<SchemaNode, { type: 'lazy' }>): Decoder {
  switch (node.type) {
    case 'scalar':
      return node.forms === undefined ? scalarDecoder(node.format) : formsDecoder(node.forms)
    case 'list':
      return listDecoder(node)
    case 'map':
      return mapDecoder(node)
    case 'struct':
      return structDecoder(node)
  }
}

const EMPTY_LIST: readonly unknown[] = Object.freeze([])
const EMPTY_MAP = Object.freeze({})
const zeroStructs = new WeakMap<StructNode, unknown>()
const zeroObjects = new WeakSet<object>()

/** Whether nothing was given where a struct belongs; an empty one that was given is something. */
export function isAbsentStruct(value: object): boolean {
  return zeroObjects.has(value)
}

/** What Go has where nothing was given; shared and frozen. */
export function zeroValueOf(given: SchemaNode): unknown {
  const node = resolveNode(given)
  switch (node.type) {
    case 'scalar':
      return zeroScalar(node.format)
    case 'list':
      return EMPTY_LIST
    case 'map':
      return EMPTY_MAP
    case 'struct': {
      let zero = zeroStructs.get(node)
      if (zero === undefined) {
        zero = deepFreeze(decoderOf(node)({}, new DecodeState()))
        zeroStructs.set(node, zero)
        zeroObjects.add(zero as object)
      }
      return zero
    }
  }
}

/** A JSON null inside a list or map is Go's zero value there. */
function decodeItem(decode: Decoder, node: SchemaNode, value: unknown, state: DecodeState) {
  return value === null || value === undefined ? zeroValueOf(node) : decode(value, state)
}

function formsDecoder({ object, list, takesBoolean = false, refusal }: JsonForms): Decoder {
  const decodeObject = decoderOfLater(object)
  const decodeList = list && decoderOfLater(list)
  const decode: Decoder = (value, state) => {
    if (isJsonObject(value)) return decodeObject(value, state)
    if (decodeList !== undefined && Array.isArray(value)) return decodeList(value, state)
    if (takesBoolean && typeof value === 'boolean') return value
    return refusal === undefined ? EMPTY_MAP : state.fail(refusal, undefined, true)
  }
  return (value, state) => {
    const { length } = state.problems
    const result = decode(value, state)
    state.problems.length = length
    return result
  }
}

function listDecoder(node: ListNode): Decoder {
  const decode = decoderOfLater(node.items)
  const type = goTypeOf(node)
  return (value, state) => {
    if (!Array.isArray(value)) return state.fail(describeJson(value), type)
    let result: unknown[] | undefined
    for (let index = 0; index < value.length; index++) {
      const problems = state.problems.length
      const item = decodeItem(decode, node.items, value[index], state)
      if (state.problems.length > problems) state.prefix(problems, `[${index}]`)
      if (result !== undefined) result.push(item)
      else if (item !== value[index]) result = [...value.slice(0, index), item]
    }
    return result ?? value
  }
}

function mapDecoder(node: MapNode): Decoder {
  const decode = decoderOfLater(node.values)
  const type = goTypeOf(node)
  return (value, state) => {
    if (!isJsonObject(value)) return state.fail(describeJson(value), type)
    const keys = Object.keys(value)
    let result: Record<string, unknown> | undefined
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string
      const problems = state.problems.length
      const item = decodeItem(decode, node.values, value[key], state)
      if (state.problems.length > problems) state.prefix(problems, key)
      if (result === undefined && item !== value[key]) result = copyOf(value, keys, index)
      if (result !== undefined) setOwn(result, key, item)
    }
    return result ?? value
  }
}

interface Missing {
  readonly name: string
  readonly value: () => unknown
  /** What counts as absent, as in Go, where no pointer tells it from a zero; undefined for none. */
  readonly zero: unknown
}

interface FieldDecoder {
  readonly decode: Decoder
  /** An empty list or map is the same as none, as with Go's `omitempty`. */
  readonly dropsEmpty: boolean
  /** The zero value that is the same as none, too; undefined for none. */
  readonly zero: unknown
}

function structDecoder(node: StructNode, wrap = asItIs): Decoder {
  const fields = fieldDecodersOf(node, wrap)
  const missing = missingFieldsOf(node)
  const type = goTypeOf(node)

  return (value, state) => {
    if (!isJsonObject(value)) return state.fail(describeJson(value), type)
    const keys = Object.keys(value)
    let result: Record<string, unknown> | undefined
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string
      const decoder = fields.get(key)
      let field: unknown
      if (decoder === undefined) state.unknown(key)
      else if (value[key] !== null && value[key] !== undefined) {
        const { failure } = state
        const problems = state.problems.length
        field = decoder.decode(value[key], state)
        if (decoder.dropsEmpty ? isEmpty(field) : field === decoder.zero) field = undefined
        if (state.problems.length > problems) state.prefix(problems, key)
        if (state.failure !== failure) state.failure?.within(node.name, key)
        else if (failure?.isFatal) return undefined
      }
      if (result === undefined && (field === undefined || field !== value[key])) {
        result = copyOf(value, keys, index)
      }
      if (result !== undefined && field !== undefined) result[key] = field
    }
    const complete = result ?? value
    for (const { name, value: fill, zero } of missing) {
      if (Object.hasOwn(complete, name) && (zero === undefined || complete[name] !== zero)) continue
      result ??= { ...value }
      result[name] = fill()
    }
    return result ?? value
  }
}

/** The fields that are always there once decoded, with what they are when nobody gave them. */
function missingFieldsOf(node: StructNode): readonly Missing[] {
  return Object.entries(node.fields)
    .filter(([, { required, writesNull, default: given }]) => {
      return required || writesNull || given !== undefined
    })
    .map(([name, field]) => ({
      name,
      value: once(() => missingValueOf(field)),
      zero: field.default === undefined ? undefined : zeroThatIsNone(field),
    }))
}

/** The zero value that Go cannot tell from none; undefined where it can, or where there is none. */
function zeroThatIsNone({ node: given, required, isPointer, writesNull }: FieldNode): unknown {
  const node = resolveNode(given)
  if (required || isPointer || writesNull || node.type !== 'scalar') return undefined
  const isPlain = /^(string|boolean|int32|int64|double|byte)$/.test(node.format)
  return isPlain ? zeroScalar(node.format) : undefined
}

/** Metadata is another with each write. */
function isKept(name: string, { type }: SchemaNode): boolean {
  return type === 'struct' && name !== 'metadata'
}

type Wrap = (decode: Decoder) => Decoder
const asItIs: Wrap = (decode) => decode

function fieldDecodersOf(node: StructNode, wrap: Wrap): ReadonlyMap<string, FieldDecoder> {
  const decoders = new Map<string, FieldDecoder>()
  for (const [name, field] of Object.entries(node.fields)) {
    const { node: target, required, writesNull, default: given } = field
    const isCollection = target.type === 'list' || target.type === 'map'
    const mayBeNone = isCollection && !required && !writesNull && given === undefined
    const zero = given === undefined && target.type !== 'lazy' ? zeroThatIsNone(field) : undefined
    decoders.set(name, {
      decode: isKept(name, target) ? wrap(decoderOfLater(target)) : decoderOfLater(target),
      dropsEmpty: mayBeNone && !isReset(target),
      zero,
    })
  }
  return decoders
}

/** An empty list of managed fields is a client's wish to reset them. */
function isReset(node: SchemaNode): boolean {
  if (node.type !== 'list' || node.items.type !== 'struct') return false
  return node.items.name === 'meta.v1.ManagedFieldsEntry'
}

function isEmpty(collection: unknown): boolean {
  if (Array.isArray(collection)) return collection.length === 0
  return isJsonObject(collection) && Object.keys(collection).length === 0
}

function missingValueOf({ node, writesNull, default: given }: FieldNode): unknown {
  if (writesNull) return null
  if (given === undefined) return zeroValueOf(node)
  return deepFreeze(decoderOf(node)(given, new DecodeState()))
}

function decoderOfLater(node: SchemaNode): Decoder {
  const get = once(() => decoderOf(node))
  return (value, state) => get()(value, state)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The first `end` fields, which are as they were. */
function copyOf(value: Record<string, unknown>, keys: readonly string[], end: number) {
  const copy: Record<string, unknown> = {}
  for (let index = 0; index < end; index++) {
    const key = keys[index] as string
    setOwn(copy, key, value[key])
  }
  return copy
}
