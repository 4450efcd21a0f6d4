import { CelError } from '../values/cel-error.ts'
import type { CelList, Outcome } from '../values/value.ts'
import { ValueIndex } from '../values/value-index.ts'
import { type CelFunction, global } from './function.ts'

/** What is in a list; items that cannot be read equal none. */
function indexOf(list: CelList): ValueIndex {
  const index = new ValueIndex()
  for (let place = 0; place < list.size; place++) {
    const item = list.at(place)
    if (!(item instanceof CelError)) index.add(item)
  }
  return index
}

/** Whether every item of the second list is in the first. */
function contains(list: CelList, part: CelList): Outcome {
  const known = indexOf(list)
  for (let index = 0; index < part.size; index++) {
    const item = part.at(index)
    if (item instanceof CelError) return item
    if (!known.has(item)) return false
  }
  return true
}

function equivalent(a: CelList, b: CelList): Outcome {
  const hasAll = contains(a, b)
  return hasAll === true ? contains(b, a) : hasAll
}

function intersects(a: CelList, b: CelList): Outcome {
  const known = indexOf(b)
  for (let index = 0; index < a.size; index++) {
    const item = a.at(index)
    if (!(item instanceof CelError) && known.has(item)) return true
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
