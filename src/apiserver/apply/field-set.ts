import type { JsonObject } from '../../machinery/schema.ts'
import type { Shape } from './shape.ts'
import { shapeOf } from './shape.ts'

/** From the root to a field, in the elements of FieldsV1: `f:spec`, `k:{"name":"c"}`, `v:"x"`. */
export type FieldPathElements = readonly string[]

/**
 * A set of fields of an object, as a manager owns them.
 *
 *     {"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:image": {}}}}}
 *
 * holds two paths: the item with this key, and its image. Sets are immutable.
 */
export class FieldSet {
  static readonly empty = new FieldSet(new Set(), new Map())
  readonly #members: ReadonlySet<string>
  readonly #children: ReadonlyMap<string, FieldSet>

  private constructor(members: ReadonlySet<string>, children: ReadonlyMap<string, FieldSet>) {
    this.#members = members
    this.#children = children
  }

  static of(paths: Iterable<FieldPathElements>): FieldSet {
    const members = new Set<string>()
    const below = new Map<string, FieldPathElements[]>()
    for (const [first, ...rest] of paths) {
      if (first === undefined) continue
      if (rest.length === 0) members.add(first)
      else below.set(first, [...(below.get(first) ?? []), rest])
    }
    const children = new Map([...below].map(([element, rest]) => [element, FieldSet.of(rest)]))
    return new FieldSet(members, children)
  }

  /** From the form in which it is stored with an object. */
  static fromFieldsV1(fields: JsonObject): FieldSet {
    const members = new Set<string>()
    const children = new Map<string, FieldSet>()
    for (const [element, below] of Object.entries(fields)) {
      if (element === '.') continue
      const inner = below as JsonObject
      const names = Object.keys(inner)
      if (names.length === 0 || names.includes('.')) members.add(element)
      const set = FieldSet.fromFieldsV1(inner)
      if (!set.isEmpty) children.set(element, set)
    }
    return new FieldSet(members, children)
  }

  toFieldsV1(): JsonObject {
    const fields: Record<string, JsonObject> = {}
    const elements = new Set([...this.#members, ...this.#children.keys()])
    for (const element of [...elements].toSorted(byElement)) {
      const below = this.#children.get(element)?.toFieldsV1() ?? {}
      const isMember = this.#members.has(element)
      fields[element] = isMember && Object.keys(below).length > 0 ? { '.': {}, ...below } : below
    }
    return fields
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#children.size === 0
  }

  hasMember(element: string): boolean {
    return this.#members.has(element)
  }

  /** What is below an element. */
  below(element: string): FieldSet {
    return this.#children.get(element) ?? FieldSet.empty
  }

  *paths(): Iterable<FieldPathElements> {
    for (const element of this.#members) yield [element]
    for (const [element, set] of this.#children) {
      for (const path of set.paths()) yield [element, ...path]
    }
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty) return this
    if (this.isEmpty) return other
    const children = new Map(this.#children)
    for (const [element, set] of other.#children)
      children.set(element, this.below(element).union(set))
    return new FieldSet(new Set([...this.#members, ...other.#members]), children)
  }

  intersection(other: FieldSet): FieldSet {
    return this.#combine(
      other,
      (isInOther) => isInOther,
      (a, b) => a.intersection(b),
    )
  }

  /** Without the other's paths; what is below them stays. */
  difference(other: FieldSet): FieldSet {
    return this.#combine(
      other,
      (isInOther) => !isInOther,
      (a, b) => a.difference(b),
    )
  }

  /** Without the other's paths and all that is below them. */
  without(other: FieldSet): FieldSet {
    const kept = [...this.#children].filter(([element]) => !other.#members.has(element))
    const children = kept.map(
      ([element, set]) => [element, set.without(other.below(element))] as const,
    )
    const members = [...this.#members].filter((element) => !other.#members.has(element))
    return new FieldSet(new Set(members), new Map(children.filter(([, set]) => !set.isEmpty)))
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).isEmpty && other.difference(this).isEmpty
  }

  /** With the declared fields on the way to each path, which are not members by themselves. */
  withNamedFields(shape: Shape): FieldSet {
    const members = new Set(this.#members)
    const children = new Map<string, FieldSet>()
    for (const [element, set] of this.#children) {
      const declared = shape.type === 'struct' ? shape.fields[element.slice(2)] : undefined
      if (declared !== undefined) members.add(element)
      const inner = declared ? shapeOf(declared.node, declared.mapType) : itemShapeOf(shape)
      children.set(element, set.withNamedFields(inner))
    }
    return new FieldSet(members, children)
  }

  #combine(
    other: FieldSet,
    keeps: (isInOther: boolean) => boolean,
    combine: (a: FieldSet, b: FieldSet) => FieldSet,
  ): FieldSet {
    const members = [...this.#members].filter((one) => keeps(other.#members.has(one)))
    const children = new Map<string, FieldSet>()
    for (const [element, set] of this.#children) {
      const combined = combine(set, other.below(element))
      if (!combined.isEmpty) children.set(element, combined)
    }
    return new FieldSet(new Set(members), children)
  }
}

function itemShapeOf(shape: Shape): Shape {
  if (shape.type === 'map') return shapeOf(shape.values)
  return shape.type === 'list' ? shapeOf(shape.items) : { type: 'leaf' }
}

function byElement(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A path as messages show it: `.spec.containers[name="c"].image`. */
export function formatFieldPath(path: FieldPathElements): string {
  return path.map(formatElement).join('')
}

function formatElement(element: string): string {
  const text = element.slice(2)
  if (element.startsWith('f:')) return `.${text}`
  if (element.startsWith('v:')) return `[=${text}]`
  if (!element.startsWith('k:')) return `[${text}]`
  const keys = Object.entries(JSON.parse(text) as JsonObject)
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}
