import type { StoredObject } from './stored-object.ts'

/** A run that has become longer than this is cut in two. */
const LONGEST_RUN = 512

/**
 * Objects in the order of their keys, in runs, so that among a hundred thousand a new one moves a
 * few hundred and not half of all:
 *
 *     [a b c d] [e f h] [i k l m]      g  ->  [a b c d] [e f g h] [i k l m]
 *
 * No run is empty, and every key of a run is less than all of the next.
 */
export class OrderedObjects {
  readonly #runs: StoredObject[][] = []
  /** All runs as one, until something changes. */
  #all: readonly StoredObject[] | undefined

  /** One whose key is not there yet. */
  insert(stored: StoredObject): void {
    this.#all = undefined
    const { key } = stored
    const at = this.#runOf(key)
    const run = this.#runs[at]
    if (run === undefined) {
      this.#runs.push([stored])
      return
    }
    run.splice(positionIn(run, key), 0, stored)
    if (run.length > LONGEST_RUN) this.#split(at, run)
  }

  /** In place of the one with its key, which is there. */
  replace(stored: StoredObject): void {
    this.#all = undefined
    const run = this.#runs[this.#runOf(stored.key)] as StoredObject[]
    run[positionIn(run, stored.key)] = stored
  }

  /** One that is there. */
  delete({ key }: StoredObject): void {
    this.#all = undefined
    const at = this.#runOf(key)
    const run = this.#runs[at] as StoredObject[]
    run.splice(positionIn(run, key), 1)
    if (run.length === 0) this.#runs.splice(at, 1)
  }

  /** Made anew after a change: whoever asks looks at all of them anyway. */
  all(): readonly StoredObject[] {
    this.#all ??= this.#runs.flat()
    return this.#all
  }

  /** New keys are often the last: a full run stays as it is then, and runs are well filled. */
  #split(at: number, run: StoredObject[]): void {
    const isLast = at === this.#runs.length - 1
    this.#runs.splice(at + 1, 0, run.splice(isLast ? LONGEST_RUN : LONGEST_RUN >> 1))
  }

  /** The run that has this key, or that it belongs to: the last that does not begin after it. */
  #runOf(key: string): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (((this.#runs[middle] as StoredObject[])[0] as StoredObject).key <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

/** Where the object with this key is, or belongs. */
function positionIn(run: readonly StoredObject[], key: string): number {
  let low = 0
  let high = run.length
  if (high > 0 && (run[high - 1] as StoredObject).key < key) return high
  while (low < high) {
    const middle = (low + high) >> 1
    if ((run[middle] as StoredObject).key < key) low = middle + 1
    else high = middle
  }
  return low
}
