import { deepEqual } from '../../machinery/deep-equal.ts'
import { opaque } from '../types.ts'
import { CelObject, type CelValue } from './value.ts'

const UNKNOWN = opaque('unknown')

/** A value that a schema preserves without describing it: it can only be compared. */
export class Preserved extends CelObject {
  readonly #raw: unknown

  constructor(raw: unknown) {
    super()
    this.#raw = raw
  }

  get type() {
    return UNKNOWN
  }

  equals(other: CelValue): boolean {
    const raw = other instanceof CelObject ? other.toJson() : other
    return deepEqual(this.#raw, raw)
  }

  toJson(): unknown {
    return this.#raw
  }
}
