import { setImmediate } from 'node:timers/promises'

/** So many objects are read before others may go on: some milliseconds of work. */
const PORTION = 100

/** Does something with each item of a long list, with pauses in which requests are answered. */
export async function inPortions<T>(items: Iterable<T>, visit: (item: T) => void): Promise<void> {
  let visited = 0
  for (const item of items) {
    if (++visited % PORTION === 0) await setImmediate()
    visit(item)
  }
}
