import { DYN, listOf } from '../types.ts'
import { CelError } from './cel-error.ts'
import { areEqual } from './equality.ts'
import { toJson } from './to-json.ts'
import { CelList, type CelValue, type Outcome } from './value.ts'

const TYPE = listOf(DYN)

/** A list of values that an expression made. */
export class ArrayList extends CelList {
  readonly values: readonly CelValue[]

  constructor(values: readonly CelValue[]) {
    super()
    this.values = values
  }

  get type() {
    return TYPE
  }

  get size(): number {
    return this.values.length
  }

  at(index: number): Outcome {
    const value = this.values[index]
    return value === undefined ? new CelError(`index out of bounds: ${index}`) : value
  }

  equals(other: CelValue): boolean | CelError {
    return areListsEqual(this, other)
  }

  add(other: CelList): CelList | CelError {
    if (this.size === 0) return other
    if (other.size === 0) return this
    const values = [...this.values]
    const error = appendItems(values, other)
    return error ?? new ArrayList(values)
  }

  toJson(): unknown {
    return this.values.map(toJson)
  }
}

/** The list that a macro gathers its result in: it grows in place, and nobody else holds it. */
export class GrowingList extends ArrayList {
  readonly #values: CelValue[]

  constructor() {
    const values: CelValue[] = []
    super(values)
    this.#values = values
  }

  override add(other: CelList): CelList | CelError {
    return appendItems(this.#values, other) ?? this
  }
}

/** The whole numbers from 0 on, which need not be there to be counted. */
export class RangeList extends CelList {
  readonly size: number

  constructor(size: number) {
    super()
    this.size = size
  }

  get type() {
    return TYPE
  }

  at(index: number): Outcome {
    return index
  }

  equals(other: CelValue): boolean | CelError {
    return areListsEqual(this, other)
  }

  add(other: CelList): CelList | CelError {
    return new ArrayList(this.toJson()).add(other)
  }

  toJson(): number[] {
    return Array.from({ length: this.size }, (_, index) => index)
  }
}

/** Appends the items of a list; gives the error if reading one fails. */
export function appendItems(values: CelValue[], list: CelList): CelError | undefined {
  for (let index = 0; index < list.size; index++) {
    const item = list.at(index)
    if (item instanceof CelError) return item
    values.push(item)
  }
  return undefined
}

/** Whether two lists hold equal items in the same order. */
export function areListsEqual(list: CelList, other: CelValue): boolean | CelError {
  if (!(other instanceof CelList) || other.size !== list.size) return false
  for (let index = 0; index < list.size; index++) {
    const a = list.at(index)
    const b = other.at(index)
    if (a instanceof CelError) return a
    if (b instanceof CelError) return b
    if (areEqual(a, b) === false) return false
  }
  return true
}

/** The items of a list, or the first error among them. */
export function itemsOf(list: CelList): readonly CelValue[] | CelError {
  if (list instanceof ArrayList) return list.values
  const values: CelValue[] = []
  return appendItems(values, list) ?? values
}
