import { unescapeName } from '../../cel/escaping.ts'
import { DYN, mapOf } from '../../cel/types.ts'
import { Double } from '../../cel/values/double.ts'
import { ArrayList } from '../../cel/values/list.ts'
import { areMapsEqual } from '../../cel/values/map.ts'
import { CelMap, type CelValue } from '../../cel/values/value.ts'

const TYPE = mapOf(DYN, DYN)

/**
 * An object among the claims of a token as expressions see it: its fields can be written with
 * escapes (`claims.kubernetes__dot__io`), and every number is a double.
 */
export class ClaimsMap extends CelMap {
  readonly #raw: Readonly<Record<string, unknown>>

  constructor(raw: Readonly<Record<string, unknown>>) {
    super()
    this.#raw = raw
  }

  get type() {
    return TYPE
  }

  get size(): number {
    return Object.keys(this.#raw).length
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined
    const name = unescapeName(key) ?? key
    return Object.hasOwn(this.#raw, name) ? readClaim(this.#raw[name]) : undefined
  }

  keys(): Iterable<string> {
    return Object.keys(this.#raw)
  }

  equals(other: CelValue) {
    return areMapsEqual(this, other)
  }

  toJson(): unknown {
    return this.#raw
  }
}

function readClaim(raw: unknown): CelValue {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
      return raw
    case 'number':
      return new Double(raw)
    case 'object':
      if (raw === null) return null
      if (Array.isArray(raw)) return new ArrayList(raw.map(readClaim))
      return new ClaimsMap(raw as Record<string, unknown>)
    default:
      return null
  }
}
