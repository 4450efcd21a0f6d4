import { CelError } from '../values/cel-error.ts'
import type { CelList, Outcome } from '../values/value.ts'
import { type CelFunction, global } from './function.ts'
import { isIn } from './operators.ts'

/** Whether every item of the second list is in the first. */
function contains(list: CelList, part: CelList): Outcome {
  for (let index = 0; index < part.size; index++) {
    const item = part.at(index)
    const isThere = item instanceof CelError ? item : isIn(item, list)
    if (isThere !== true) return isThere
  }
  return true
}

function equivalent(a: CelList, b: CelList): Outcome {
  const hasAll = contains(a, b)
  return hasAll === true ? contains(b, a) : hasAll
}

function intersects(a: CelList, b: CelList): Outcome {
  for (let index = 0; index < a.size; index++) {
    const item = a.at(index)
    if (!(item instanceof CelError) && isIn(item, b) === true) return true
  }
  return false
}

const SIGNATURE = '(list(T), list(T)) -> bool'

/** The extension library of sets: lists whose order and doubles do not count. */
export const SET_FUNCTIONS: readonly CelFunction[] = [
  global('sets.contains', 'list_sets_contains_list', SIGNATURE, contains),
  global('sets.equivalent', 'list_sets_equivalent_list', SIGNATURE, equivalent),
  global('sets.intersects', 'list_sets_intersects_list', SIGNATURE, intersects),
]
