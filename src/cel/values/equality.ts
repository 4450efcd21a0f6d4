import type { CelError } from './cel-error.ts'
import { compareNumbers } from './numbers.ts'
import type { CelValue } from './value.ts'

/** Whether two values are equal; values of unrelated types are not. */
export function areEqual(a: CelValue, b: CelValue): boolean | CelError {
  if (a === null || b === null) return a === b
  switch (typeof a) {
    case 'string':
    case 'boolean':
      return a === b
    case 'number':
    case 'bigint':
      return a === b || (typeof b === 'object' && compareNumbers(a, b) === 0)
    default:
      return (a as Exclude<typeof a, string | boolean | number | bigint>).equals(b)
  }
}
