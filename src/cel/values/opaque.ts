import { CelObject } from './value.ts'

/** A value that only functions of a library look into. */
export abstract class Opaque extends CelObject {
  /** The size that calls with it are charged for. */
  get chargedSize(): number {
    return 1
  }

  /** Of a named format: how long its pattern may be, for what matching is charged. */
  get patternSize(): number {
    return 0
  }
}
