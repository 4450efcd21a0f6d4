import { setOwn } from '../../base/json.ts'
import { hasField, isJsonObject } from '../json-value.ts'
import type { SchemaNode } from '../schema.ts'
import { mergeList, orderList, removeFromList } from './merge-list.ts'
import { PatchError } from './patch-error.ts'
import { goType, listMetaOf, patchMetaOf } from './patch-meta.ts'
import { badPatchType, badType } from './strategic-merge-errors.ts'

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const ORDER_PREFIX = '$setElementOrder'
const DELETE_PREFIX = '$deleteFromPrimitiveList'

export type JsonMap = Record<string, unknown>

/**
 * Applies a strategic merge patch: maps are merged, lists by their merge keys where the schema
 * says so, with upstream's directives. Answers a new object that shares what did not change.
 * Throws PatchError.
 */
export function applyStrategicMergePatch(node: SchemaNode, original: unknown, patch: unknown) {
  if (!isJsonObject(original) || !isJsonObject(patch)) {
    throw new PatchError('format', 'invalid JSON document')
  }
  return mergeMap(node, original, patch)
}

/** Merges one level; `node` is the schema of the map or struct. */
export function mergeMap(node: SchemaNode | undefined, original: JsonMap, patch: JsonMap): JsonMap {
  if (Object.hasOwn(patch, DIRECTIVE)) return applyDirective(patch)
  const result = new MapBuilder(retainKeys(original, patch), original)
  const done = applyOrders(node, result, patch)
  for (const [name, value] of Object.entries(patch)) {
    if (done.has(name) || name === RETAIN_KEYS) continue
    if (name.startsWith(DELETE_PREFIX)) deleteFromList(node, name, result, value)
    else if (value === null) result.delete(name)
    else result.set(name, mergeField(node, name, result, value))
  }
  return result.build()
}

/** A map that is copied when the first field really changes. */
class MapBuilder {
  readonly #original: JsonMap
  #map: JsonMap
  #isCopy: boolean

  constructor(map: JsonMap, original: JsonMap) {
    this.#original = original
    this.#map = map
    this.#isCopy = map !== original
  }

  has(name: string): boolean {
    return hasField(this.#map, name)
  }

  get(name: string): unknown {
    return this.has(name) ? this.#map[name] : undefined
  }

  /** Undefined takes the field away: that is what a patch value that is a directive does. */
  set(name: string, value: unknown): void {
    if (value === undefined) this.delete(name)
    else if (this.get(name) !== value) setOwn(this.#copy(), name, value)
  }

  delete(name: string): void {
    if (this.has(name)) delete this.#copy()[name]
  }

  build(): JsonMap {
    return this.#map
  }

  #copy(): JsonMap {
    if (!this.#isCopy) this.#map = { ...this.#original }
    this.#isCopy = true
    return this.#map
  }
}

function applyDirective(patch: JsonMap): JsonMap {
  const { [DIRECTIVE]: directive, ...rest } = patch
  if (directive === 'replace') return rest
  if (directive === 'delete') return {}
  throw badPatchType(directive, patch)
}

/** Keeps only the fields that the directive lists; all that the patch sets must be listed. */
function retainKeys(original: JsonMap, patch: JsonMap): JsonMap {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return original
  const list = patch[RETAIN_KEYS]
  const malformed = new PatchError('format', 'invalid patch format of retainKeys')
  if (!Array.isArray(list)) throw malformed
  for (const [name, value] of Object.entries(patch)) {
    const isDirective =
      name === RETAIN_KEYS || name.startsWith(DELETE_PREFIX) || name.startsWith(ORDER_PREFIX)
    if (value !== null && !isDirective && !list.includes(name)) throw malformed
  }
  return Object.fromEntries(Object.entries(original).filter(([name]) => list.includes(name)))
}

/** Lists with a `$setElementOrder` are merged and ordered; answers the fields that are done. */
function applyOrders(
  node: SchemaNode | undefined,
  result: MapBuilder,
  patch: JsonMap,
): ReadonlySet<string> {
  const done = new Set<string>()
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(ORDER_PREFIX)) continue
    done.add(directive)
    if (!Array.isArray(order)) throw badType('[]interface {}', order)
    const name = fieldOfDirective(directive, ORDER_PREFIX, 'setElementOrder list')
    const original = result.get(name)
    const added = Object.hasOwn(patch, name) ? patch[name] : undefined
    for (const list of [original, added]) {
      if (list !== undefined && !Array.isArray(list)) throw badType('[]interface {}', list)
    }
    const ordered = orderList(listMetaOf(node, name), {
      order,
      original: original as unknown[] | undefined,
      patch: added as unknown[] | undefined,
    })
    if (ordered === undefined) continue
    result.set(name, ordered)
    done.add(name)
  }
  return done
}

/**
 * What stands behind the directive is taken out of the list. Upstream asks only whether the field
 * is of the same sort as what the patch says: what is no list is merged, or takes its place.
 */
function deleteFromList(
  node: SchemaNode | undefined,
  directive: string,
  result: MapBuilder,
  value: unknown,
): void {
  const field = fieldOfDirective(directive, DELETE_PREFIX, 'primitive list')
  const name = field === '' ? directive : field
  const original = result.get(name)
  if (value === null) result.delete(name)
  else if (Array.isArray(original) && Array.isArray(value)) {
    result.set(name, removeFromList(listMetaOf(node, name), original, value))
  } else if (result.has(name) && goType(original) === goType(value)) {
    result.set(name, mergeField(node, name, result, value))
  }
}

/** The field that `$directive/field` is about. */
function fieldOfDirective(directive: string, prefix: string, what: string): string {
  if (directive[prefix.length] === '/') return directive.slice(prefix.length + 1)
  throw new PatchError('format', `invalid patch format of ${what}`)
}

function mergeField(
  node: SchemaNode | undefined,
  name: string,
  result: MapBuilder,
  value: unknown,
): unknown {
  const original = result.get(name)
  if (isJsonObject(original) && isJsonObject(value)) {
    const meta = patchMetaOf(node, name)
    return meta.strategy === 'replace' ? value : mergeMap(meta.node, original, value)
  }
  if (Array.isArray(original) && Array.isArray(value)) {
    const meta = listMetaOf(node, name)
    return meta.strategy === 'merge' ? mergeList(meta, original, value) : value
  }
  return withoutDirectives(withoutNulls(value))
}

/** In what a patch adds, null stands for nothing, except as an item of a list. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  const fields = Object.entries(value).filter(([, field]) => field !== null)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]))
}

/** The value without what only instructs the patch; undefined when nothing is left to keep. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined)
  }
  if (!isJsonObject(value)) return value
  if (Object.hasOwn(value, DIRECTIVE)) return undefined
  const fields = Object.entries(value).map(([name, field]) => [name, withoutDirectives(field)])
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined))
}

/** What stands behind `$patch` in an item or map, undefined where there is no directive. */
export function directiveOf(item: JsonMap): unknown {
  return Object.hasOwn(item, DIRECTIVE) ? item[DIRECTIVE] : undefined
}
