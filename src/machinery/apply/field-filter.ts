import type { FieldSet } from './field-set.ts'

/** What of a set of fields can be written in some way: status not by the main resource. */
export type FieldFilter = (fields: FieldSet) => FieldSet

/** All but these fields and what is below them. */
export function excluding(fields: FieldSet): FieldFilter {
  return remembering((given) => given.recursiveDifference(fields))
}

/** Many objects have the same sets of fields: what became of one need not be found out again. */
export function remembering(filter: FieldFilter): FieldFilter {
  const results = new WeakMap<FieldSet, FieldSet>()
  return (given) => {
    let result = results.get(given)
    if (result === undefined) {
      result = filter(given)
      results.set(given, result)
    }
    return result
  }
}
