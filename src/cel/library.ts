import type { CelFunction } from './functions/function.ts'
import type { Macro } from './syntax/macro.ts'
import type { CelType } from './types.ts'

/** Functions, macros and names that belong together. */
export interface Library {
  readonly functions: readonly CelFunction[]
  /** By `macroKey`. */
  readonly macros?: readonly (readonly [string, Macro])[]
  /** Names of types and constants. */
  readonly names?: Readonly<Record<string, CelType>>
}
