import { type FieldSet, type FieldSetNode, fieldSetOf, nodeOf } from './field-set.ts'
import type { FieldPathElements, PathElement } from './path-element.ts'

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

/** Stands for any element in a pattern. */
export const ANY: PathElement = '*'

/** Only the fields that begin as one of these paths does, and the steps that lead there. */
export function including(patterns: readonly FieldPathElements[]): FieldFilter {
  return (given) => keepMatching(given, patterns)
}

function keepMatching(fields: FieldSet, patterns: readonly FieldPathElements[]): FieldSet {
  if (patterns.some((pattern) => pattern.length === 0)) return fields
  const nodes = new Map<PathElement, FieldSetNode>()
  for (const [element, { isMember, below }] of fields.nodes) {
    const matching = patterns.filter(([first]) => first === element || first === ANY)
    if (matching.length === 0) continue
    const rest = keepMatching(
      below,
      matching.map((pattern) => pattern.slice(1)),
    )
    if (isMember || !rest.isEmpty) nodes.set(element, nodeOf(isMember, rest))
  }
  return fieldSetOf(nodes)
}
