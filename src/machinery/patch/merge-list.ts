import { hasField, isJsonObject } from '../json-value.ts'
import { PatchError } from './patch-error.ts'
import { goType, type PatchMeta } from './patch-meta.ts'
import { directiveOf, type JsonMap, mergeMap, withoutDirectives } from './strategic-merge.ts'
import { badPatchType, badType, formatGo, noMergeKey } from './strategic-merge-errors.ts'

type List = readonly unknown[]

/**
 * Merges a list by its merge key, or as a set of scalars. The items that the patch names come in
 * the patch's order, the others in their own; the two are interleaved by their old places.
 */
export function mergeList(meta: PatchMeta, original: List, patch: List): List {
  if (original.length === 0 && patch.length === 0) return original
  const { mergeKey } = meta
  if (!isListOfMaps(original, patch)) {
    const merged = [...new Set([...original, ...patch])]
    return interleave(merged, patch, original, (item) => item)
  }
  if (mergeKey === '') {
    throw new PatchError('internal', 'cannot merge lists without merge key for struct')
  }
  const { kept, additions } = applyItemDirectives(original, patch, mergeKey)
  const merged = mergeItems(meta, kept, additions)
  return interleave(merged, additions, kept, keyReader(mergeKey))
}

/** A list of scalars without these. Objects are merged: upstream takes none away. */
export function removeFromList(meta: PatchMeta, original: List, removed: List): List {
  if (original.length === 0 && removed.length === 0) return original
  if (isListOfMaps(original, removed)) return mergeList(meta, original, removed)
  const gone = new Set(removed)
  return original.filter((item) => !gone.has(item))
}

/**
 * A list with a `$setElementOrder`: first the merge, then the given order for the items it names.
 * Undefined when there is neither an old list nor a patch.
 */
export function orderList(
  meta: PatchMeta,
  lists: {
    readonly order: List
    readonly original: List | undefined
    readonly patch: List | undefined
  },
): List | undefined {
  const { order, original, patch } = lists
  const { mergeKey, strategy } = meta
  checkOrder(patch ?? [], order, mergeKey)
  let merged: List
  if (original === undefined && patch === undefined) return undefined
  if (original === undefined) merged = withoutDirectives(patch) as List
  else if (patch === undefined) merged = original
  else merged = strategy === 'merge' ? mergeList(meta, original, patch) : patch
  const isMaps = isListOfMaps(original ?? [], patch ?? [])
  if (!isMaps) return interleave(merged, order, original ?? [], (item) => item)
  const noMap = merged.length === 0 ? -1 : order.findIndex((item) => !isJsonObject(item))
  if (noMap >= 0) throw new PatchError('internal', `value for key ${noMap} is not a map`)
  const oldOrder = orderAfterDeletions(original ?? [], patch ?? [], meta)
  return interleave(merged, order, oldOrder, keyReader(mergeKey))
}

/**
 * The old order that others are sorted by. As many new items as were deleted count as old ones:
 * upstream puts them into the places that became free.
 */
function orderAfterDeletions(original: List, patch: List, { mergeKey, strategy }: PatchMeta): List {
  if (strategy !== 'merge' || original.length === 0) return original
  const { kept, additions } = applyItemDirectives(original, patch, mergeKey)
  if (kept === original) return original
  const places = placesOf(kept, keyReader(mergeKey))
  const isNew = (item: unknown) => !places.has((item as JsonMap)[mergeKey])
  return [...kept, ...additions.filter(isNew)].slice(0, original.length)
}

/** The patch may name only what the order names, and in the same order. */
function checkOrder(patch: List, order: List, mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return
  const read = mergeKey === '' ? (item: unknown) => item : keyReader(mergeKey)
  const items = patch.filter((item) => !isJsonObject(item) || directiveOf(item) === undefined)
  let at = 0
  for (const item of items) {
    while (at < order.length && read(order[at]) !== read(item)) at++
    if (at >= order.length) {
      throw new PatchError(
        'internal',
        `The order in patch list:\n${formatGo(patch)}\n doesn't match ` +
          `$setElementOrder list:\n${formatGo(order)}\n`,
      )
    }
    at++
  }
}

/** Takes the items with `$patch` out of the patch and does what they say. */
function applyItemDirectives(original: List, patch: List, mergeKey: string) {
  const additions: unknown[] = []
  const deleted = new Set<unknown>()
  let isReplaced = false
  for (const item of patch as readonly JsonMap[]) {
    const directive = directiveOf(item)
    if (directive === undefined) additions.push(item)
    else if (directive === 'replace') isReplaced = true
    else if (directive === 'delete') {
      if (!hasField(item, mergeKey)) throw noMergeKey(item, mergeKey)
      deleted.add(item[mergeKey])
    } else if (directive === 'merge') {
      throw new PatchError('internal', 'merging lists cannot yet be specified in the patch')
    } else throw badPatchType(directive, item)
  }
  if (isReplaced) return { kept: additions, additions: [] as unknown[] }
  if (deleted.size === 0) return { kept: original, additions }
  return { kept: original.filter((item) => !deleted.has((item as JsonMap)[mergeKey])), additions }
}

function mergeItems({ mergeKey, node }: PatchMeta, kept: List, additions: List): List {
  const merged = [...kept]
  const places = new Map<unknown, number>()
  kept.forEach((item, place) => {
    const key = (item as JsonMap)[mergeKey]
    if (!places.has(key)) places.set(key, place)
  })
  for (const item of additions as readonly JsonMap[]) {
    if (!hasField(item, mergeKey)) throw noMergeKey(item, mergeKey)
    const place = places.get(item[mergeKey])
    if (place !== undefined) merged[place] = mergeMap(node, merged[place] as JsonMap, item)
    else places.set(item[mergeKey], merged.push(item) - 1)
  }
  return merged
}

/**
 * Sorts the items that `order` names by it and the others by their place in `original`, then puts
 * the others among them: each before the first named item that stood behind it.
 */
function interleave(
  items: List,
  order: List,
  original: List,
  keyOf: (item: unknown) => unknown,
): List {
  const orderPlaces = placesOf(order, keyOf)
  const originalPlaces = placesOf(original, keyOf)
  const isNamed = (item: unknown) => orderPlaces.has(keyOf(item))
  const named = sortBy(items.filter(isNamed), orderPlaces, keyOf)
  const others = sortBy(
    items.filter((item) => !isNamed(item)),
    originalPlaces,
    keyOf,
  )
  const result: unknown[] = []
  let next = 0
  for (const item of named) {
    const place = originalPlaces.get(keyOf(item))
    while (next < others.length && place !== undefined) {
      const otherPlace = originalPlaces.get(keyOf(others[next]))
      if (otherPlace === undefined || otherPlace >= place) break
      result.push(others[next++])
    }
    result.push(item)
  }
  return [...result, ...others.slice(next)]
}

function placesOf(list: List, keyOf: (item: unknown) => unknown): ReadonlyMap<unknown, number> {
  const places = new Map<unknown, number>()
  list.forEach((item, place) => {
    const key = keyOf(item)
    if (!places.has(key)) places.set(key, place)
  })
  return places
}

function sortBy(
  items: List,
  places: ReadonlyMap<unknown, number>,
  keyOf: (item: unknown) => unknown,
) {
  const placeOf = (item: unknown): number => places.get(keyOf(item)) ?? items.length
  return items.toSorted((a, b) => placeOf(a) - placeOf(b))
}

function keyReader(mergeKey: string): (item: unknown) => unknown {
  return (item) => {
    if (!isJsonObject(item)) throw badType('map[string]interface {}', item)
    if (!hasField(item, mergeKey)) throw noMergeKey(item, mergeKey)
    return item[mergeKey]
  }
}

/** All items must be of one type, and no lists. */
function isListOfMaps(...lists: readonly List[]): boolean {
  const items = lists.flat(1)
  if (Array.isArray(items[0])) {
    throw new PatchError('unprocessable', 'lists of lists are not supported')
  }
  const types = new Set(items.map(goType))
  if (types.size === 0) {
    throw new PatchError('internal', 'no elements in any of the given slices')
  }
  if (types.size > 1) {
    const all = `[${lists.map(formatGo).join(' ')}]`
    throw new PatchError('internal', `list element types are not identical: ${all}`)
  }
  return isJsonObject(items[0])
}
