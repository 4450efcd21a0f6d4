import { setOwn } from '../base/json.ts'
import { DecodeState, decoderOf } from './decode-node.ts'
import { deepFreeze, isJsonObject } from './json-value.ts'
import type { SchemaNode, StructNode } from './schema.ts'
import { type FieldNode, type ListNode, type MapNode, resolveNode } from './schema.ts'

type Applier = (value: unknown) => unknown

/** Fills in the defaults that a schema names, and nothing else; shares what needs none. */
export function applyDefaults<T>(node: SchemaNode, value: T): T {
  const apply = applierOf(node)
  return (apply === undefined ? value : apply(value)) as T
}

/** Undefined where nothing below has a default; false while that is being found out. */
const appliers = new WeakMap<SchemaNode, Applier | undefined | false>()

function applierOf(given: SchemaNode): Applier | undefined {
  const node = resolveNode(given)
  const known = appliers.get(node)
  if (known !== undefined || appliers.has(node)) return known || undefined
  appliers.set(node, false)
  const applier = compile(node)
  appliers.set(node, applier)
  return applier
}

function compile(node: Exclude<SchemaNode, { type: 'lazy' }>): Applier | undefined {
  switch (node.type) {
    case 'scalar':
      return undefined
    case 'list':
      return compileList(node)
    case 'map':
      return compileMap(node)
    case 'struct':
      return compileStruct(node)
  }
}

function compileList(node: ListNode): Applier | undefined {
  const apply = applierOf(node.items)
  if (apply === undefined) return undefined
  return (value) => {
    if (!Array.isArray(value)) return value
    const items = value.map(apply)
    return items.every((item, index) => item === value[index]) ? value : items
  }
}

function compileMap(node: MapNode): Applier | undefined {
  const apply = applierOf(node.values)
  if (apply === undefined) return undefined
  return (value) => {
    if (!isJsonObject(value)) return value
    const result: Record<string, unknown> = {}
    let hasChanged = false
    for (const [key, item] of Object.entries(value)) {
      const filled = apply(item)
      hasChanged ||= filled !== item
      setOwn(result, key, filled)
    }
    return hasChanged ? result : value
  }
}

function compileStruct(node: StructNode): Applier | undefined {
  const fields = Object.entries(node.fields)
    .map(([name, field]) => ({
      name,
      apply: applierOf(field.node),
      fill: fillOf(field),
      // Behind a pointer an empty text is something that was given.
      replacesEmpty: typeof field.default === 'string' && field.default !== '' && !field.isPointer,
    }))
    .filter(({ apply, fill }) => apply !== undefined || fill !== undefined)
  if (fields.length === 0) return undefined
  return (value) => {
    if (!isJsonObject(value)) return value
    let result: Record<string, unknown> | undefined
    for (const { name, apply, fill, replacesEmpty } of fields) {
      const before = Object.hasOwn(value, name) ? value[name] : undefined
      const isAbsent = before === undefined || before === null || (before === '' && replacesEmpty)
      const after = isAbsent ? fill?.() : apply === undefined ? before : apply(before)
      if (after === undefined || after === before) continue
      result ??= { ...value }
      result[name] = after
    }
    return result ?? value
  }
}

function fillOf({ node, default: given }: FieldNode): (() => unknown) | undefined {
  if (given === undefined) return undefined
  let filled: { readonly value: unknown } | undefined
  return () => {
    filled ??= { value: deepFreeze(decoderOf(node)(given, new DecodeState())) }
    return filled.value
  }
}
