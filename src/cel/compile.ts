import type { DeclaredType } from './declared-type.ts'
import type { CelType } from './types.ts'
import type { CelError } from './values/cel-error.ts'
import type { CelValue } from './values/value.ts'

/** The most that one evaluation may cost (upstream's PerCallLimit). */
export const PER_CALL_COST_LIMIT = 1_000_000

/** Bounds of what an evaluation can cost; `max` saturates at 2^64. */
export interface CostRange {
  readonly min: number
  readonly max: number
}

/**
 * The values of variables by name. A value is the JSON of the declared type, as it is stored, or a
 * `CelValue` (an optional, an object that computes its fields when they are asked for).
 */
export type Activation = Readonly<Record<string, unknown>>

/** What came of an evaluation, and what it cost. */
export interface Evaluation {
  /** Absent when there is an error. */
  readonly value?: CelValue
  /** Its message is upstream's: `no such key: x`, `division by zero`. */
  readonly error?: CelError
  /** Whether the error is that the cost went past the limit. */
  readonly isCostExceeded?: boolean
  readonly cost: number
}

/** A checked expression, ready to be evaluated any number of times. */
export interface Program {
  readonly expression: string
  readonly resultType: CelType
  /** The names of the variables (and functions' overloads) that it refers to. */
  readonly references: ReadonlySet<string>
  /**
   * What an evaluation can cost, given what is known of the sizes of variables. `roots` says for
   * each variable's name what its schema is; what is not named is unbounded.
   */
  estimateCost(roots?: Readonly<Record<string, DeclaredType>>): CostRange
  /** Evaluates it; never throws for what the expression does. */
  evaluate(variables: Activation, costLimit?: number): Evaluation
}

/** A program, or upstream's text of what is wrong (`ERROR: <input>:1:6: ...` with the snippet). */
export type CompileResult =
  | { readonly program: Program; readonly errors?: undefined }
  | { readonly program?: undefined; readonly errors: string }
