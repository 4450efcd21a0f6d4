import type { ListShape } from '../declared-type.ts'
import { escapeName } from '../escaping.ts'
import { DYN, listOf } from '../types.ts'
import { CelError } from './cel-error.ts'
import { areEqual } from './equality.ts'
import { ArrayList, appendItems, areListsEqual } from './list.ts'
import { readJson } from './read-json.ts'
import { toJson } from './to-json.ts'
import { CelList, type CelValue, type Outcome } from './value.ts'

const TYPE = listOf(DYN)
const NO_SUCH_OVERLOAD = new CelError('no such overload')

/**
 * A JSON array, read where it lies. As its schema says it is a set or a map by keys: then its order
 * does not count in `==`, and `+` merges.
 */
export class JsonList extends CelList {
  readonly raw: readonly unknown[]
  readonly shape: ListShape | undefined

  constructor(raw: readonly unknown[], shape?: ListShape) {
    super()
    this.raw = raw
    this.shape = shape
  }

  get type() {
    return TYPE
  }

  get size(): number {
    return this.raw.length
  }

  at(index: number): Outcome {
    return readJson(this.raw[index], this.shape?.items)
  }

  equals(other: CelValue): boolean | CelError {
    const shape = this.shape
    // What did not change is shared.
    if (other instanceof JsonList && other.raw === this.raw && other.shape === shape) return true
    if (shape === undefined) return areListsEqual(this, other)
    if (!(other instanceof CelList)) return NO_SUCH_OVERLOAD
    if (other.size !== this.size) return false
    if (shape.style === 'set') return this.#isSetEqual(other)
    if (shape.style === 'map') return this.#isMapEqual(other)
    for (let index = 0; index < this.size; index++) {
      const isEqual = areOutcomesEqual(this.at(index), other.at(index))
      if (isEqual !== true) return isEqual
    }
    return true
  }

  add(other: CelList): CelList | CelError {
    const shape = this.shape
    if (shape === undefined) {
      if (this.size === 0) return other
      if (other.size === 0) return this
      const values: CelValue[] = []
      return appendItems(values, this) ?? appendItems(values, other) ?? new ArrayList(values)
    }
    const added: CelValue[] = []
    const error = appendItems(added, other)
    if (error !== undefined) return error
    return new JsonList(this.#merge(added.map(toJson)), shape)
  }

  toJson(): unknown {
    return this.raw
  }

  #merge(added: readonly unknown[]): readonly unknown[] {
    const { style = 'atomic' } = this.shape ?? {}
    if (style === 'atomic') return [...this.raw, ...added]
    const places = new Map(this.raw.map((item, index) => [this.#keyOf(item), index]))
    const merged = [...this.raw]
    for (const item of added) {
      const key = this.#keyOf(item)
      const place = places.get(key)
      if (place === undefined) {
        places.set(key, merged.length)
        merged.push(item)
      } else if (style === 'map' && place < this.raw.length) merged[place] = item
      else if (style === 'map') merged.push(item)
    }
    return merged
  }

  #isSetEqual(other: CelList): boolean | CelError {
    const keys = new Set(this.raw.map((item) => this.#keyOf(item)))
    for (let index = 0; index < other.size; index++) {
      const item = other.at(index)
      if (item instanceof CelError || !keys.has(this.#keyOf(toJson(item)))) return false
    }
    return true
  }

  #isMapEqual(other: CelList): boolean | CelError {
    const places = new Map(this.raw.map((item, index) => [this.#keyOf(item), index]))
    for (let index = 0; index < other.size; index++) {
      const item = other.at(index)
      if (item instanceof CelError) return item
      const place = places.get(this.#keyOf(toJson(item)))
      if (place === undefined) return false
      const isEqual = areOutcomesEqual(this.at(place), item)
      if (isEqual !== true) return isEqual
    }
    return true
  }

  /** What tells an item from the others; the keys are looked up as upstream does, escaped. */
  #keyOf(item: unknown): unknown {
    const { style = 'atomic', keys = [] } = this.shape ?? {}
    if (style !== 'map') return typeof item === 'object' ? JSON.stringify(item) : item
    const object = (item ?? {}) as Record<string, unknown>
    return JSON.stringify(keys.map((key) => String(object[escapeName(key) ?? key])))
  }
}

function areOutcomesEqual(a: Outcome, b: Outcome): boolean | CelError {
  if (a instanceof CelError) return a
  return b instanceof CelError ? b : areEqual(a, b)
}
