import type { CelType } from '../types.ts'
import type { CelError } from './cel-error.ts'

/**
 * A value of CEL. An int is a number as long as that is exact and a bigint beyond (so that JSON
 * is read as it lies there); doubles, which are rare, are wrapped.
 */
export type CelValue = null | boolean | string | number | bigint | CelObject

/** What an evaluation step gives: a value, or the error that it met. */
export type Outcome = CelValue | CelError

/** A value that JavaScript has no primitive for. */
export abstract class CelObject {
  /** What `type(value)` is; without parameters. */
  abstract get type(): CelType
  /** Whether it equals a value of whatever type. */
  abstract equals(other: CelValue): boolean | CelError
  /** The value as JSON; an error where JSON has no form for it. */
  abstract toJson(): unknown
}

/** A value with a size: strings are not objects and have theirs elsewhere. */
export interface Sized {
  readonly size: number
}

/** A list, of literals or read from JSON without a copy. */
export abstract class CelList extends CelObject implements Sized {
  abstract get size(): number
  /** The item; `index` is within the list. */
  abstract at(index: number): Outcome
  /** The list with another's items after its own, or merged into it. */
  abstract add(other: CelList): CelList | CelError
}

/** A map, of literals or read from JSON without a copy. */
export abstract class CelMap extends CelObject implements Sized {
  abstract get size(): number
  /** The value of a key, `undefined` when there is none; an error for a key of a wrong type. */
  abstract find(key: CelValue): Outcome | undefined
  abstract keys(): Iterable<CelValue>
}
