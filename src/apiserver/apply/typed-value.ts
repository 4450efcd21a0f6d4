import { deepEqual } from '../../machinery/deep-equal.ts'
import { type FieldPathElements, FieldSet } from './field-set.ts'
import { partsOf, type Shape, wholeOf } from './shape.ts'

/** The fields that a configuration sets: its leaves, and each key and item in it. */
export function fieldSetOf(shape: Shape, value: unknown): FieldSet {
  const paths: FieldPathElements[] = []
  collect(shape, value, [], paths)
  return FieldSet.of(paths)
}

function collect(
  shape: Shape,
  value: unknown,
  path: FieldPathElements,
  paths: FieldPathElements[],
): void {
  const parts = partsOf(shape, value)
  if (parts === undefined) {
    // A granular list without items sets nothing; an empty map is there all the same.
    const isEmptyList = shape.type === 'set' || shape.type === 'list'
    if (path.length > 0 && !isEmptyList) paths.push(path)
    return
  }
  for (const [element, { value: part, shape: inner, isMember }] of parts) {
    const below = [...path, element]
    collect(inner, part, below, paths)
    if (isMember) paths.push(below)
  }
}

/** What differs between two states of an object. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  const found: Differences = { added: [], modified: [], removed: [] }
  compareAt(shape, before, after, [], found)
  return {
    added: FieldSet.of(found.added),
    modified: FieldSet.of(found.modified),
    removed: FieldSet.of(found.removed),
  }
}

type Differences = { readonly [K in keyof Comparison]: FieldPathElements[] }

function compareAt(
  shape: Shape,
  before: unknown,
  after: unknown,
  path: FieldPathElements,
  found: Differences,
): void {
  if (before === after) return
  if (before === undefined) found.added.push(path)
  else if (after === undefined) found.removed.push(path)
  const old = partsOf(shape, before)
  const now = partsOf(shape, after)
  if (old === undefined && now === undefined) {
    const isChange = before !== undefined && after !== undefined && !deepEqual(before, after)
    if (isChange) found.modified.push(path)
    return
  }
  for (const [element, part] of now ?? []) {
    compareAt(part.shape, old?.get(element)?.value, part.value, [...path, element], found)
  }
  for (const [element, part] of old ?? []) {
    if (now?.has(element) === true) continue
    compareAt(part.shape, part.value, undefined, [...path, element], found)
  }
}

/** The live object with a configuration over it; lists with keys are merged item by item. */
export function merge(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  if (live === undefined) return config
  const ours = partsOf(shape, live)
  const theirs = partsOf(shape, config)
  if (theirs === undefined) return mergeWhole(shape, live, config)
  if (ours === undefined) return config
  const merged = new Map<string, unknown>()
  const mergePart = (element: string) => {
    const part = theirs.get(element) ?? ours.get(element)
    if (part === undefined || merged.has(element)) return
    const value = merge(part.shape, ours.get(element)?.value, theirs.get(element)?.value)
    if (value !== undefined) merged.set(element, value)
  }
  for (const element of mergedOrder([...ours.keys()], [...theirs.keys()])) mergePart(element)
  return wholeOf(shape, merged)
}

/** A leaf replaces; an empty map or list takes nothing away from what others have put there. */
function mergeWhole(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === null) return undefined
  return shape.type === 'leaf' ? config : (live ?? config)
}

/** The order of the configuration, with what it does not know where the live object has it. */
function mergedOrder(live: readonly string[], config: readonly string[]): readonly string[] {
  const isConfigured = new Set(config)
  const isLive = new Set(live)
  const order: string[] = []
  let at = 0
  const takeUnknown = () => {
    for (; at < live.length && !isConfigured.has(live[at] ?? ''); at++) order.push(live[at] ?? '')
  }
  for (const element of config) {
    takeUnknown()
    order.push(element)
    if (isLive.has(element) && live[at] === element) at++
    else if (isLive.has(element)) at = Math.max(at, live.indexOf(element) + 1)
  }
  const known = new Set(order)
  return [...order, ...live.filter((element) => !known.has(element))]
}

/** The value without these paths, and without what is below them. */
export function removeFields(shape: Shape, value: unknown, paths: FieldSet): unknown {
  const parts = partsOf(shape, value)
  if (parts === undefined || paths.isEmpty) return value
  const kept = new Map<string, unknown>()
  for (const [element, part] of parts) {
    if (paths.hasMember(element)) continue
    kept.set(element, removeFields(part.shape, part.value, paths.below(element)))
  }
  return wholeOf(shape, kept)
}
