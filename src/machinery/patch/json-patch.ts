import { parseJson, setOwn, stringifyJson } from '../../base/json.ts'
import { deepEqual } from '../deep-equal.ts'
import { describeJson, hasField, isJsonObject } from '../json-value.ts'
import { StatusError } from '../status-error.ts'
import { PatchError } from './patch-error.ts'

/** One step of a JSON patch, with its fields as they were sent. */
export interface JsonPatchOperation {
  readonly [field: string]: unknown
}

const MOST_OPERATIONS = 10_000
/** All copies of a patch together: upstream's JSONPatchMaxCopyBytes. */
const MOST_COPIED_BYTES = 3 * 1024 * 1024
const FIELDS = ['op', 'path', 'from', 'value']

/**
 * Checks that a value is a JSON patch; as in Go, null is one of no steps, and a step of no fields.
 * Throws PatchError, and StatusError for one too long.
 */
export function readJsonPatch(patch: unknown): readonly JsonPatchOperation[] {
  if (patch === null) return []
  if (!Array.isArray(patch)) {
    const what = describeJson(patch)
    throw new PatchError(
      'format',
      `json: cannot unmarshal ${what} into Go value of type jsonpatch.Patch`,
    )
  }
  for (const operation of patch) {
    if (operation === null || isJsonObject(operation)) continue
    const what = describeJson(operation)
    const type = 'jsonpatch.Operation'
    throw new PatchError('format', `json: cannot unmarshal ${what} into Go value of type ${type}`)
  }
  if (patch.length > MOST_OPERATIONS) {
    const why = `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}`
    const message = `Request entity too large: ${why}, got ${patch.length}`
    throw new StatusError('RequestEntityTooLarge', message)
  }
  return patch.map((operation) => operation ?? {})
}

/** What strict field validation says of a patch's operations. */
export function jsonPatchProblems(patch: readonly JsonPatchOperation[]): readonly string[] {
  return patch.flatMap((operation, index) =>
    Object.keys(operation)
      .filter((field) => !FIELDS.includes(field))
      .map((field) => `json patch unknown field ${JSON.stringify(`[${index}].${field}`)}`),
  )
}

/**
 * Applies RFC 6902 as upstream's library does: indexes may be negative, replacing a field that is
 * absent adds it, and a missing value is null. Answers a new document that shares what did not
 * change. Throws PatchError.
 */
export function applyJsonPatch(document: unknown, patch: readonly JsonPatchOperation[]): unknown {
  const editing = new Editing()
  return patch.reduce<unknown>((edited, one) => applyOperation(editing, edited, one), document)
}

/**
 * What one patch has done so far. A container is copied before its first change and then changed in
 * place, so that ten thousand operations on an object of ten thousand fields take as many steps.
 */
class Editing {
  /** Made by this patch, and in one place of the document only. */
  readonly #own = new WeakSet<object>()
  #copiedBytes = 0

  /** The container itself, or a copy, which may be changed. */
  ownOf<T extends Container>(container: T): T {
    if (this.#own.has(container)) return container
    const copy = (Array.isArray(container) ? [...container] : { ...container }) as T
    this.#own.add(copy)
    return copy
  }

  /** A copy that shares nothing: else forty operations would describe a document of terabytes. */
  copyOf(value: unknown): unknown {
    const text = stringifyJson(value)
    this.#copiedBytes += Buffer.byteLength(text)
    if (this.#copiedBytes > MOST_COPIED_BYTES) {
      const size = `the accumulated size increase of copy is ${this.#copiedBytes}`
      throw failed(`Unable to complete the copy, ${size}, exceeding the limit ${MOST_COPIED_BYTES}`)
    }
    return parseJson(text)
  }
}

function applyOperation(
  editing: Editing,
  document: unknown,
  operation: JsonPatchOperation,
): unknown {
  switch (operation['op']) {
    case 'add':
      return add(editing, document, pathOf(operation, 'add'), givenValue(operation))
    case 'remove':
      return remove(editing, document, pathOf(operation, 'remove'))
    case 'replace':
      return replace(editing, document, operation)
    case 'move':
      return move(editing, document, operation)
    case 'copy':
      return copy(editing, document, operation)
    case 'test':
      return test(document, operation)
    default:
      throw failed(
        `Unexpected kind: ${typeof operation['op'] === 'string' ? operation['op'] : 'unknown'}`,
      )
  }
}

function add(editing: Editing, document: unknown, path: string, value: unknown): unknown {
  const missing = `add operation does not apply: doc is missing path: "${path}": missing value`
  return edit(editing, document, path, missing, (container, key) => {
    try {
      added(container, key, value)
    } catch (error) {
      throw wrapped(`error in add for path: '${path}'`, error)
    }
  })
}

function remove(editing: Editing, document: unknown, path: string): unknown {
  const missing = `remove operation does not apply: doc is missing path: "${path}": missing value`
  return edit(editing, document, path, missing, (container, key) => {
    try {
      removed(container, key)
    } catch (error) {
      throw wrapped(`error in remove for path: '${path}'`, error)
    }
  })
}

function replace(editing: Editing, document: unknown, operation: JsonPatchOperation): unknown {
  const path = pathOf(operation, 'replace')
  const value = givenValue(operation)
  if (path === '') {
    if (typeof value === 'object' && value !== null) return value
    throw failed('replace operation value must be object or array')
  }
  const missing = `replace operation does not apply: doc is missing path: ${path}: missing value`
  return edit(editing, document, path, missing, (container, key) => {
    if (!Array.isArray(container)) {
      setOwn(container, key, value)
      return
    }
    const index = existingIndex(container, key)
    if (typeof index === 'string') {
      throw failed(`replace operation does not apply: doc is missing key: ${path}: missing value`)
    }
    container[index] = value
  })
}

function move(editing: Editing, document: unknown, operation: JsonPatchOperation): unknown {
  const from = fromOf(operation, 'move')
  const value = read(document, from, 'move')
  const path = pathOf(operation, 'move')
  const key = decodeKey(from.slice(from.lastIndexOf('/') + 1))
  const without = edit(editing, document, from, '', (container, name) => {
    try {
      removed(container, name)
    } catch (error) {
      throw wrapped(`error in move for path: '${key}'`, error)
    }
  })
  const missing = `move operation does not apply: doc is missing destination path: ${path}`
  return edit(editing, without, path, `${missing}: missing value`, (container, name) => {
    try {
      added(container, name, value)
    } catch (error) {
      throw wrapped(`error in move for path: '${path}'`, error)
    }
  })
}

function copy(editing: Editing, document: unknown, operation: JsonPatchOperation): unknown {
  const value = editing.copyOf(read(document, fromOf(operation, 'copy'), 'copy'))
  const path = pathOf(operation, 'copy')
  const missing = `copy operation does not apply: doc is missing destination path: ${path}`
  return edit(editing, document, path, `${missing}: missing value`, (container, key) => {
    try {
      added(container, key, value)
    } catch (error) {
      throw wrapped('error while adding value during copy', error)
    }
  })
}

function test(document: unknown, operation: JsonPatchOperation): unknown {
  const path = pathOf(operation, 'test')
  const actual = path === '' ? document : read(document, path, 'test')
  if (deepEqual(actual, givenValue(operation))) return document
  throw failed(`testing value ${path} failed: test failed`)
}

/** The value at a path; a field that is absent counts as null. */
function read(document: unknown, path: string, operation: 'move' | 'copy' | 'test'): unknown {
  const found = find(document, path)
  if (found === undefined) {
    const from = operation === 'test' ? 'is missing path' : 'doc is missing from path'
    throw failed(`${operation} operation does not apply: ${from}: ${path}: missing value`)
  }
  const { container, key } = found
  if (!Array.isArray(container)) return hasField(container, key) ? container[key] : null
  const index = existingIndex(container, key)
  if (typeof index === 'number') return container[index]
  const where = { test: `path: '${path}'`, copy: `from: '${path}'`, move: `path: '${key}'` }
  throw failed(`error in ${operation} for ${where[operation]}: ${index}`)
}

type Container = Record<string, unknown> | unknown[]

function find(document: unknown, path: string): { container: Container; key: string } | undefined {
  const tokens = path.split('/').slice(1)
  let container: unknown = document
  for (const token of tokens.slice(0, -1)) container = childOf(container, decodeKey(token))
  if (tokens.length === 0 || !isContainer(container)) return undefined
  return { container, key: decodeKey(tokens.at(-1) as string) }
}

/** Changes the container of the last step, after copying what is not the patch's own above it. */
function edit(
  editing: Editing,
  document: unknown,
  path: string,
  missing: string,
  change: (container: Container, key: string) => void,
): unknown {
  const tokens = path.split('/').slice(1).map(decodeKey)
  if (tokens.length === 0) throw failed(missing)
  const descend = (value: unknown, at: number): unknown => {
    if (!isContainer(value)) throw failed(missing)
    const key = tokens[at] as string
    const own = editing.ownOf(value)
    if (at === tokens.length - 1) {
      change(own, key)
      return own
    }
    const changed = descend(childOf(own, key), at + 1)
    if (Array.isArray(own)) own[existingIndex(own, key) as number] = changed
    else setOwn(own, key, changed)
    return own
  }
  return descend(document, 0)
}

function childOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    const index = existingIndex(value, key)
    return typeof index === 'number' ? value[index] : undefined
  }
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

function added(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) {
    setOwn(container, key, value)
    return
  }
  if (key === '-') {
    container.push(value)
    return
  }
  const index = toIndex(key)
  if (index === undefined) {
    throw failed(`value was not a proper array index: '${key}': ${atoiError(key)}`)
  }
  const size = container.length + 1
  if (index >= size || index < -size) throw failed(badIndex(index))
  container.splice(index < 0 ? index + size : index, 0, value)
}

function removed(container: Container, key: string): void {
  if (Array.isArray(container)) {
    const index = existingIndex(container, key)
    if (typeof index === 'string') throw failed(index)
    container.splice(index, 1)
    return
  }
  if (!hasField(container, key)) {
    throw failed(`Unable to remove nonexistent key: ${key}: missing value`)
  }
  delete container[key]
}

/** The place of an item that is there, or why there is none. */
function existingIndex(list: readonly unknown[], key: string): number | string {
  const index = toIndex(key)
  if (index === undefined) return atoiError(key)
  if (index >= list.length || index < -list.length) return badIndex(index)
  return index < 0 ? index + list.length : index
}

function toIndex(key: string): number | undefined {
  return /^[+-]?[0-9]{1,15}$/.test(key) ? Number(key) : undefined
}

function atoiError(key: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`
}

function badIndex(index: number): string {
  return `Unable to access invalid index: ${index}: invalid index referenced`
}

function pathOf(operation: JsonPatchOperation, op: string): string {
  const path = operation['path']
  if (typeof path === 'string') return path
  throw failed(`${op} operation failed to decode path: missing value`)
}

function fromOf(operation: JsonPatchOperation, op: string): string {
  const from = operation['from']
  if (typeof from === 'string') return from
  const why = 'operation, missing from field: missing value'
  throw failed(`${op} operation failed to decode from: ${why}`)
}

function givenValue(operation: JsonPatchOperation): unknown {
  return operation['value'] ?? null
}

/** RFC 6901: `~1` is a slash and `~0` a tilde. */
function decodeKey(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}

function failed(message: string): PatchError {
  return new PatchError('unprocessable', message)
}

function wrapped(prefix: string, error: unknown): unknown {
  return error instanceof PatchError ? failed(`${prefix}: ${error.message}`) : error
}
