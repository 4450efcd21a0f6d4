import { setImmediate } from 'node:timers/promises'

/** What long work gives in the end; it yields where others may go on, every few milliseconds. */
export type Sliced<T> = Generator<void, T>

/** Does it in one go. */
export function drain<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** Does it in as many turns of the event loop as it has slices. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
    await setImmediate()
  }
}
