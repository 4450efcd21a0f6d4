import { DOUBLE } from '../types.ts'
import { compareNumbers } from './numbers.ts'
import { CelObject, type CelValue } from './value.ts'

/** A 64-bit floating-point number: wrapped, because a bare number is an int. */
export class Double extends CelObject {
  readonly value: number

  constructor(value: number) {
    super()
    this.value = value
  }

  get type() {
    return DOUBLE
  }

  equals(other: CelValue): boolean {
    return compareNumbers(this, other) === 0
  }

  toJson(): number {
    return this.value
  }
}
