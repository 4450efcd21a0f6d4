import { deepEqual } from '../../machinery/deep-equal.ts'
import type { JsonShape, MapShape, ObjectShape } from '../declared-type.ts'
import { escapeName, unescapeName } from '../escaping.ts'
import { DYN, mapOf } from '../types.ts'
import { CelError } from './cel-error.ts'
import { areEqual } from './equality.ts'
import { areMapsEqual } from './map.ts'
import { readJson } from './read-json.ts'
import { CelMap, type CelValue, type Outcome } from './value.ts'

const TYPE = mapOf(DYN, DYN)
const NO_SUCH_OVERLOAD = new CelError('no such overload')

/** A JSON object, read where it lies. With properties in its schema it is an object, else a map. */
export class JsonMap extends CelMap {
  readonly raw: Readonly<Record<string, unknown>>
  readonly shape: ObjectShape | MapShape | undefined

  constructor(raw: Readonly<Record<string, unknown>>, shape?: ObjectShape | MapShape) {
    super()
    this.raw = raw
    this.shape = shape
  }

  get type() {
    return TYPE
  }

  get size(): number {
    let count = 0
    for (const key in this.raw) if (this.raw[key] !== undefined) count++
    return count
  }

  find(key: CelValue): Outcome | undefined {
    if (typeof key === 'string') return this.field(key, undefined)
    return this.shape === undefined ? undefined : NO_SUCH_OVERLOAD
  }

  /** As `find`, for who knows already which property the name stands for in an object. */
  field(name: string, unescaped: string | undefined): Outcome | undefined {
    const shape = this.shape
    let key = name
    if (shape?.kind === 'object') {
      const property = unescaped ?? unescapeName(name)
      if (property === undefined) return undefined
      key = property
    }
    const raw = ownValue(this.raw, key)
    if (raw === undefined) return undefined
    if (shape === undefined) return readJson(raw, undefined)
    if (shape.kind === 'object' && raw === null) return undefined
    const found = shapeOf(shape, key)
    return found === undefined ? undefined : readJson(raw, found)
  }

  keys(): Iterable<CelValue> {
    const shape = this.shape
    const keys = Object.keys(this.raw).filter((key) => this.raw[key] !== undefined)
    if (shape === undefined) return keys
    const seen = keys.filter((key) => shapeOf(shape, key) !== undefined)
    return shape.kind === 'map' ? seen : seen.map((key) => escapeName(key) ?? key)
  }

  equals(other: CelValue): boolean | CelError {
    const shape = this.shape
    // What did not change is shared.
    if (other instanceof JsonMap && other.raw === this.raw && other.shape === shape) return true
    if (shape === undefined) return areMapsEqual(this, other)
    if (!(other instanceof CelMap)) return NO_SUCH_OVERLOAD
    if (other.size !== this.size) return false
    for (const key of Object.keys(this.raw)) {
      const isEqual =
        shapeOf(shape, key) === undefined
          ? this.#isUnseenEqual(key, other)
          : this.#isFieldEqual(key, other)
      if (isEqual !== true) return isEqual
    }
    return true
  }

  toJson(): unknown {
    return this.raw
  }

  #isFieldEqual(key: string, other: CelMap): boolean | CelError {
    const name = this.shape?.kind === 'object' ? (escapeName(key) ?? key) : key
    const a = this.find(name)
    const b = other.find(name)
    if (a === undefined || b === undefined) return a === b
    if (a instanceof CelError) return a
    return b instanceof CelError ? b : areEqual(a, b)
  }

  /** Properties that the schema does not show count too, when both have them. */
  #isUnseenEqual(key: string, other: CelMap): boolean | CelError {
    if (!(other instanceof JsonMap)) return NO_SUCH_OVERLOAD
    return !Object.hasOwn(other.raw, key) || deepEqual(this.raw[key], other.raw[key])
  }
}

/** A property that JSON gave the object; what every object inherits is none. */
function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = object[key]
  if (typeof value === 'function') return undefined
  return key === '__proto__' && !Object.hasOwn(object, key) ? undefined : value
}

const shapeOf = (shape: ObjectShape | MapShape, key: string): JsonShape | undefined =>
  shape.kind === 'object' ? shape.properties.get(key) : shape.values
