import { DYN, mapOf } from '../types.ts'
import { CelError } from './cel-error.ts'
import { Double } from './double.ts'
import { areEqual } from './equality.ts'
import { formatValue } from './format-value.ts'
import { toJson } from './to-json.ts'
import { Uint } from './uint.ts'
import { CelMap, type CelValue, type Outcome } from './value.ts'

const TYPE = mapOf(DYN, DYN)

/** A map that an expression made. */
export class EntryMap extends CelMap {
  readonly #entries = new Map<unknown, readonly [CelValue, CelValue]>()

  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super()
    for (const [key, value] of entries) this.set(key, value)
  }

  get type() {
    return TYPE
  }

  get size(): number {
    return this.#entries.size
  }

  find(key: CelValue): Outcome | undefined {
    const entry = this.#entries.get(exactKey(key)) ?? this.#findNumber(key)
    return entry?.[1]
  }

  keys(): Iterable<CelValue> {
    return Array.from(this.#entries.values(), ([key]) => key)
  }

  equals(other: CelValue): boolean | CelError {
    return areMapsEqual(this, other)
  }

  toJson(): unknown {
    const pairs = Array.from(this.#entries.values(), ([key, value]) => {
      const name = typeof key === 'string' ? key : formatValue(key)
      return [name, toJson(value)] as const
    })
    return Object.fromEntries(pairs)
  }

  protected set(key: CelValue, value: CelValue): void {
    this.#entries.set(exactKey(key), [key, value])
  }

  /** Numbers of other types that are equal find each other. */
  #findNumber(key: CelValue): readonly [CelValue, CelValue] | undefined {
    const whole = wholeNumber(key)
    if (whole === undefined) return undefined
    const entries = this.#entries
    return entries.get(whole) ?? entries.get(`u${whole}`) ?? entries.get(`d${whole}`)
  }
}

/** The map that a macro gathers its result in: it grows in place, and nobody else holds it. */
export class GrowingMap extends EntryMap {
  constructor() {
    super([])
  }

  insert(key: CelValue, value: CelValue): this {
    this.set(key, value)
    return this
  }
}

/** A map with one entry more; an error if it has that key. */
export function insertEntry(map: CelMap, key: CelValue, value: CelValue): CelMap | CelError {
  if (map.find(key) !== undefined) {
    return new CelError(`insert failed: key ${formatValue(key)} already exists`)
  }
  if (map instanceof GrowingMap) return map.insert(key, value)
  const entries: (readonly [CelValue, CelValue])[] = []
  for (const known of map.keys()) {
    const held = map.find(known)
    if (held instanceof CelError) return held
    if (held !== undefined) entries.push([known, held])
  }
  return new EntryMap([...entries, [key, value]])
}

/** Whether two maps hold equal values under equal keys. */
export function areMapsEqual(map: CelMap, other: CelValue): boolean | CelError {
  if (!(other instanceof CelMap) || other.size !== map.size) return false
  for (const key of map.keys()) {
    const a = map.find(key)
    const b = other.find(key)
    if (a === undefined || b === undefined) return a === b
    if (a instanceof CelError) return a
    if (b instanceof CelError) return b
    if (areEqual(a, b) === false) return false
  }
  return true
}

/** Keys that differ in type differ: what JavaScript cannot tell apart gets a prefix. */
function exactKey(key: CelValue): unknown {
  if (typeof key === 'string') return `"${key}`
  if (key instanceof Uint) return `u${key.value}`
  return key instanceof Double ? `d${key.value}` : key
}

function wholeNumber(key: CelValue): number | bigint | undefined {
  if (typeof key === 'number' || typeof key === 'bigint') return key
  if (key instanceof Uint) return key.toJson()
  return key instanceof Double && Number.isInteger(key.value) ? key.value + 0 : undefined
}
