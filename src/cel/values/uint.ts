import { UINT } from '../types.ts'
import { compareNumbers } from './numbers.ts'
import { CelObject, type CelValue } from './value.ts'

/** An unsigned 64-bit integer; in range by construction. */
export class Uint extends CelObject {
  readonly value: bigint

  constructor(value: bigint) {
    super()
    this.value = value
  }

  get type() {
    return UINT
  }

  equals(other: CelValue): boolean {
    return compareNumbers(this, other) === 0
  }

  toJson(): number | bigint {
    return this.value <= Number.MAX_SAFE_INTEGER ? Number(this.value) : this.value
  }
}
