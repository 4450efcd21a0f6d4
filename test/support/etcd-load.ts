import assert from 'node:assert/strict'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { randomInt, seededRandom } from '../../src/base/random.ts'
import {
  type Storage,
  StorageUnavailableError,
  UnknownOutcomeError,
  type WatchEvent,
} from '../../src/storage/storage.ts'

/** How one write ended, as its writer was told. */
export interface Attempt {
  readonly key: string
  readonly text: string
  /** Undefined: nobody knows. 0: it was not made. */
  readonly revision: number | undefined
}

const KEYS = Array.from({ length: 12 }, (_, i) => `/load/${i}`)

/**
 * Writes at random, each text once, until the signal aborts; conflicts are no attempts. Tells of
 * each write that was acknowledged.
 */
export async function writeUnderFaults(
  storage: Storage,
  seed: number,
  signal: AbortSignal,
  onWritten: () => void,
): Promise<readonly Attempt[]> {
  const random = seededRandom(seed)
  const attempts: Attempt[] = []
  for (let step = 0; !signal.aborted; step++) {
    const key = KEYS[randomInt(random, KEYS.length)] as string
    const text = `${seed}.${step}`
    try {
      const expectedModRevision =
        random.next() < 0.5 ? ((await storage.get(key))?.modRevision ?? 0) : undefined
      const result = await storage.put(key, Buffer.from(text), { expectedModRevision })
      if (result.code === 'Conflict') continue
      attempts.push({ key, text, revision: result.keyValue.modRevision })
      onWritten()
    } catch (error) {
      if (error instanceof UnknownOutcomeError) attempts.push({ key, text, revision: undefined })
      else if (error instanceof StorageUnavailableError) attempts.push({ key, text, revision: 0 })
      else throw error
    }
    if (step % 16 === 0) await sleep(systemClock, 1)
  }
  return attempts
}

/**
 * A watch has had the whole history once and in order, every write that was acknowledged at its
 * revision, and none that was said not to be made.
 */
export function checkEvents(
  events: readonly WatchEvent[],
  history: readonly WatchEvent[],
  attempts: readonly Attempt[],
): void {
  const plain = (list: readonly WatchEvent[]) =>
    list.map(({ modRevision, key, value, type }) => {
      return `${modRevision} ${type} ${key} ${Buffer.from(value).toString()}`
    })
  assert.deepEqual(plain(events), plain(history))
  const found = new Map(events.map(({ value, modRevision }) => [String(value), modRevision]))
  for (const { text, revision } of attempts) {
    if (revision === 0) assert.equal(found.get(text), undefined, `${text} was not to be made`)
    else if (revision !== undefined) assert.equal(found.get(text), revision, `${text} was made`)
  }
}
