import { CelError } from '../values/cel-error.ts'
import { goTypeName } from '../values/go-type-name.ts'
import { GrowingList } from '../values/list.ts'
import { GrowingMap } from '../values/map.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import type { Frame, Step } from './frame.ts'

/** A comprehension with its parts compiled and its variables given slots. */
export interface Fold {
  readonly range: Step
  readonly accuInit: Step
  readonly condition: Step
  /** Whether the condition is always true, which needs no look. */
  readonly isUnconditional: boolean
  readonly step: Step
  readonly result: Step
  readonly accuSlot: number
  readonly iterSlot: number
  readonly iterSlot2?: number
}

/**
 * Runs a comprehension. An error in a step is kept in the accumulator, where `&&` and `||` may still
 * absorb it.
 */
export function foldStep(fold: Fold): Step {
  return (frame) => {
    const range = fold.range(frame)
    if (range instanceof CelError) return range
    frame.slots[fold.accuSlot] = growing(fold.accuInit(frame))
    const error =
      fold.iterSlot2 === undefined
        ? loopOverOne(fold, frame, range)
        : loopOverTwo(fold, frame, range, fold.iterSlot2)
    return error ?? fold.result(frame)
  }
}

/** Empty lists and maps are gathered into in place. */
function growing(value: Outcome): Outcome {
  if (value instanceof CelList && value.size === 0) return new GrowingList()
  return value instanceof CelMap && value.size === 0 ? new GrowingMap() : value
}

/** Whether the loop goes on. */
function advance(fold: Fold, frame: Frame): boolean {
  if (!fold.isUnconditional && fold.condition(frame) === false) return false
  frame.slots[fold.accuSlot] = fold.step(frame)
  return true
}

function loopOverOne(fold: Fold, frame: Frame, range: CelValue): CelError | undefined {
  const { slots } = frame
  if (range instanceof CelList) {
    const { size } = range
    for (let index = 0; index < size; index++) {
      slots[fold.iterSlot] = range.at(index)
      if (!advance(fold, frame)) break
    }
    return undefined
  }
  if (!(range instanceof CelMap)) return notIterable(range)
  for (const key of range.keys()) {
    slots[fold.iterSlot] = key
    if (!advance(fold, frame)) break
  }
  return undefined
}

function loopOverTwo(
  fold: Fold,
  frame: Frame,
  range: CelValue,
  valueSlot: number,
): CelError | undefined {
  const { slots } = frame
  if (range instanceof CelList) {
    const { size } = range
    for (let index = 0; index < size; index++) {
      slots[fold.iterSlot] = index
      slots[valueSlot] = range.at(index)
      if (!advance(fold, frame)) break
    }
    return undefined
  }
  if (!(range instanceof CelMap)) {
    return new CelError(`unsupported comprehension range type: ${goTypeName(range)}`)
  }
  for (const key of range.keys()) {
    slots[fold.iterSlot] = key
    slots[valueSlot] = range.find(key) ?? null
    if (!advance(fold, frame)) break
  }
  return undefined
}

const notIterable = (value: CelValue) =>
  new CelError(`got '${goTypeName(value)}', expected iterable type`)
