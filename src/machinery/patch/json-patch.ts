import { setOwn } from '../../base/json.ts'
import { deepEqual } from '../deep-equal.ts'
import { describeJson, isJsonObject } from '../json-value.ts'
import { StatusError } from '../status-error.ts'
import { PatchError } from './patch-error.ts'

/** One step of a JSON patch, with its fields as they were sent. */
export interface JsonPatchOperation {
  readonly [field: string]: unknown
}

const MOST_OPERATIONS = 10_000
const FIELDS = ['op', 'path', 'from', 'value']

/** Checks that a value is a JSON patch. Throws PatchError, and StatusError for one too long. */
export function readJsonPatch(patch: unknown): readonly JsonPatchOperation[] {
  if (!Array.isArray(patch)) {
    const what = describeJson(patch)
    throw new PatchError(
      'format',
      `json: cannot unmarshal ${what} into Go value of type jsonpatch.Patch`,
    )
  }
  for (const operation of patch) {
    if (isJsonObject(operation)) continue
    const what = describeJson(operation)
    const type = 'jsonpatch.Operation'
    throw new PatchError('format', `json: cannot unmarshal ${what} into Go value of type ${type}`)
  }
  if (patch.length > MOST_OPERATIONS) {
    const why = `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}`
    throw new StatusError('RequestEntityTooLarge', `${why}, got ${patch.length}`)
  }
  return patch
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
  return patch.reduce(applyOperation, document)
}

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  switch (operation['op']) {
    case 'add':
      return add(document, pathOf(operation, 'add'), givenValue(operation))
    case 'remove':
      return remove(document, pathOf(operation, 'remove'))
    case 'replace':
      return replace(document, operation)
    case 'move':
      return move(document, operation)
    case 'copy':
      return copy(document, operation)
    case 'test':
      return test(document, operation)
    default:
      throw failed(
        `Unexpected kind: ${typeof operation['op'] === 'string' ? operation['op'] : 'unknown'}`,
      )
  }
}

function add(document: unknown, path: string, value: unknown): unknown {
  const missing = `add operation does not apply: doc is missing path: "${path}": missing value`
  return edit(document, path, missing, (container, key) => {
    try {
      return added(container, key, value)
    } catch (error) {
      throw wrapped(`error in add for path: '${path}'`, error)
    }
  })
}

function remove(document: unknown, path: string): unknown {
  const missing = `remove operation does not apply: doc is missing path: "${path}": missing value`
  return edit(document, path, missing, (container, key) => {
    try {
      return removed(container, key)
    } catch (error) {
      throw wrapped(`error in remove for path: '${path}'`, error)
    }
  })
}

function replace(document: unknown, operation: JsonPatchOperation): unknown {
  const path = pathOf(operation, 'replace')
  const value = givenValue(operation)
  if (path === '') {
    if (typeof value === 'object' && value !== null) return value
    throw failed('replace operation value must be object or array')
  }
  const missing = `replace operation does not apply: doc is missing path: ${path}: missing value`
  return edit(document, path, missing, (container, key) => {
    if (!Array.isArray(container)) return withField(container, key, value)
    const index = existingIndex(container, key)
    if (typeof index === 'string') {
      throw failed(`replace operation does not apply: doc is missing key: ${path}: missing value`)
    }
    return container.with(index, value)
  })
}

function move(document: unknown, operation: JsonPatchOperation): unknown {
  const from = fromOf(operation, 'move')
  const value = read(document, from, 'move')
  const path = pathOf(operation, 'move')
  const key = decodeKey(from.slice(from.lastIndexOf('/') + 1))
  const without = edit(document, from, '', (container, name) => {
    try {
      return removed(container, name)
    } catch (error) {
      throw wrapped(`error in move for path: '${key}'`, error)
    }
  })
  const missing = `move operation does not apply: doc is missing destination path: ${path}`
  return edit(without, path, `${missing}: missing value`, (container, name) => {
    try {
      return added(container, name, value)
    } catch (error) {
      throw wrapped(`error in move for path: '${path}'`, error)
    }
  })
}

function copy(document: unknown, operation: JsonPatchOperation): unknown {
  const value = read(document, fromOf(operation, 'copy'), 'copy')
  const path = pathOf(operation, 'copy')
  const missing = `copy operation does not apply: doc is missing destination path: ${path}`
  return edit(document, path, `${missing}: missing value`, (container, key) => {
    try {
      return added(container, key, value)
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
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : null
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

/** Replaces the container of the last step by what `change` makes of it, and copies those above. */
function edit(
  document: unknown,
  path: string,
  missing: string,
  change: (container: Container, key: string) => Container,
): unknown {
  const tokens = path.split('/').slice(1).map(decodeKey)
  if (tokens.length === 0) throw failed(missing)
  const descend = (value: unknown, at: number): unknown => {
    if (!isContainer(value)) throw failed(missing)
    const key = tokens[at] as string
    if (at === tokens.length - 1) return change(value, key)
    const changed = descend(childOf(value, key), at + 1)
    if (!Array.isArray(value)) return withField(value, key, changed)
    return value.with(existingIndex(value, key) as number, changed)
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

function added(container: Container, key: string, value: unknown): Container {
  if (!Array.isArray(container)) return withField(container, key, value)
  if (key === '-') return [...container, value]
  const index = toIndex(key)
  if (index === undefined) {
    throw failed(`value was not a proper array index: '${key}': ${atoiError(key)}`)
  }
  const size = container.length + 1
  if (index >= size || index < -size) throw failed(badIndex(index))
  return container.toSpliced(index < 0 ? index + size : index, 0, value)
}

function removed(container: Container, key: string): Container {
  if (Array.isArray(container)) {
    const index = existingIndex(container, key)
    if (typeof index === 'string') throw failed(index)
    return container.toSpliced(index, 1)
  }
  if (!Object.hasOwn(container, key)) {
    throw failed(`Unable to remove nonexistent key: ${key}: missing value`)
  }
  const entries = Object.entries(container).filter(([name]) => name !== key)
  return Object.fromEntries(entries)
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

function withField(object: Record<string, unknown>, key: string, value: unknown) {
  const copy = { ...object }
  setOwn(copy, key, value)
  return copy
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
