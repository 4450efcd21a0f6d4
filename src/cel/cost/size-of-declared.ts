import type { DeclaredType } from '../declared-type.ts'
import type { CostRange } from './range.ts'
import type { SizePath } from './size-path.ts'

/** Finds the schema of a variable. */
export type RootOf = (variable: string) => DeclaredType | undefined

/**
 * The size that a schema allows at a path such as `self`, `spec`, `@items`. A path that does not
 * start at a variable is read from `self`, as upstream's estimates of rules do.
 */
export function declaredSize(path: SizePath, rootOf: RootOf): CostRange | undefined {
  const [start, ...steps] = path.steps
  if (start === undefined) return undefined
  let current = rootOf(start) ?? rootOf('self')
  for (const step of steps) {
    if (current === undefined) return undefined
    if (step === '@items' || step === '@values') current = current.elements
    else if (step === '@keys') current = current.keys
    else current = current.fields?.get(step)?.type
  }
  return current && { min: 0, max: current.maxElements }
}
