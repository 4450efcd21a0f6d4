import { BYTES } from '../types.ts'
import { CelObject, type CelValue, type Sized } from './value.ts'

/** A sequence of bytes. */
export class Bytes extends CelObject implements Sized {
  readonly value: Uint8Array

  constructor(value: Uint8Array) {
    super()
    this.value = value
  }

  get type() {
    return BYTES
  }

  get size(): number {
    return this.value.length
  }

  equals(other: CelValue): boolean {
    return other instanceof Bytes && Buffer.compare(this.value, other.value) === 0
  }

  toJson(): string {
    return Buffer.from(this.value).toString('base64')
  }
}
