import { setOwn } from '../../base/json.ts'
import { isJsonObject } from '../json-value.ts'
import { groupItems } from './list-items.ts'
import type { PathElement } from './path-element.ts'
import type { ListShape, MapShape, Shape, StructShape } from './shape.ts'
import { fieldsOf, isEmptyValue, isWhole, shapeFor, shapeOfField } from './typed-parts.ts'

/**
 * The live value with a configuration over it. Nothing is taken away; where both set a leaf, the
 * configuration's is kept. Parts that stay as they are, are shared with the live value. The
 * configuration must have been validated.
 */
export function merge(given: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined || config === live) return live
  if (live === undefined) return config
  const shape = shapeFor(given, config)
  if (isWhole(shape) || (isEmptyValue(live) && isEmptyValue(config))) return config
  if (shape.type === 'struct' || shape.type === 'map') return mergeFields(shape, live, config)
  if (shape.type === 'list') return mergeItems(shape, live, config)
  return config
}

function mergeFields(shape: StructShape | MapShape, live: unknown, config: unknown): unknown {
  const ours = fieldsOf(live)
  const theirs = fieldsOf(config)
  let merged: Record<string, unknown> | undefined
  for (const name of Object.keys(theirs)) {
    const before = Object.hasOwn(ours, name) ? ours[name] : undefined
    const value = merge(shapeOfField(shape, name), before, theirs[name])
    if (value === before) continue
    merged ??= { ...ours }
    setOwn(merged, name, value)
  }
  return merged ?? (isJsonObject(live) ? live : ours)
}

/** An item that stands more than once is not merged with what replaces it. */
const DOUBLED: unique symbol = Symbol('doubled')

/**
 * The items of both in one order: that of the configuration, with what it does not name where the
 * live list has it, before the next item that both have.
 */
function mergeItems(shape: ListShape, live: unknown, config: unknown): unknown {
  const list = Array.isArray(live) ? (live as readonly unknown[]) : []
  const ours = groupItems(shape, list)
  const theirs = groupItems(shape, config)
  const merge = new ItemMerge(shape, list, ours, theirs)
  return merge.run()
}

class ItemMerge {
  readonly #shape: ListShape
  readonly #live: readonly unknown[]
  /** The element of each live item. */
  readonly #liveElements: readonly PathElement[]
  readonly #configElements: readonly PathElement[]
  readonly #ours: ReadonlyMap<PathElement, unknown>
  readonly #theirs: ReadonlyMap<PathElement, unknown>
  readonly #merged = new Set<PathElement>()
  readonly #result: unknown[] = []
  /** The items that both have, in the order of the configuration. */
  readonly #shared: PathElement[]

  constructor(
    shape: ListShape,
    live: readonly unknown[],
    ours: ReadonlyMap<PathElement, readonly unknown[]>,
    theirs: ReadonlyMap<PathElement, readonly unknown[]>,
  ) {
    this.#shape = shape
    this.#live = live
    this.#ours = firstItems(ours)
    this.#theirs = firstItems(theirs)
    this.#liveElements = elementsInOrder(live, ours)
    this.#configElements = [...theirs.keys()]
    this.#shared = this.#configElements.filter((element) => ours.has(element))
  }

  run(): unknown {
    const live = this.#liveElements
    const config = this.#configElements
    let at = 0
    let to = 0
    let next = this.#shared.shift()
    while (at < live.length || to < config.length) {
      const ours = live[at]
      const theirs = config[to]
      if (ours !== undefined && theirs !== undefined) {
        if (ours === theirs) {
          this.#take(ours)
          at++
          to++
          next = this.#shared.shift()
          continue
        }
        // Both have it, but it is not the next that both have in the configuration's order.
        if (this.#theirs.has(ours) && next !== undefined && next !== ours) {
          at++
          continue
        }
      }
      if (ours !== undefined) {
        if (!this.#theirs.has(ours)) {
          this.#result.push(this.#live[at])
          at++
          continue
        }
        if (this.#merged.has(ours)) at++
      }
      if (theirs !== undefined) {
        this.#take(theirs)
        to++
        if (next === theirs) next = this.#shared.shift()
      }
    }
    return isSameList(this.#result, this.#live) ? this.#live : this.#result
  }

  #take(element: PathElement): void {
    this.#merged.add(element)
    const ours = this.#ours.get(element)
    const theirs = this.#theirs.get(element)
    this.#result.push(ours === DOUBLED ? theirs : merge(this.#shape.items, ours, theirs))
  }
}

function firstItems(
  groups: ReadonlyMap<PathElement, readonly unknown[]>,
): ReadonlyMap<PathElement, unknown> {
  const items = new Map<PathElement, unknown>()
  for (const [element, group] of groups) items.set(element, group.length > 1 ? DOUBLED : group[0])
  return items
}

function elementsInOrder(
  list: readonly unknown[],
  groups: ReadonlyMap<PathElement, readonly unknown[]>,
): readonly PathElement[] {
  const elements = [...groups.keys()]
  if (elements.length === list.length) return elements
  const elementsByItem = new Map<unknown, PathElement>()
  for (const [element, group] of groups) for (const item of group) elementsByItem.set(item, element)
  return list.map((item) => elementsByItem.get(item) as PathElement)
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
