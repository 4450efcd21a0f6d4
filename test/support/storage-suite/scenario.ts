import assert from 'node:assert/strict'
import type { Storage, Watch } from '../../../src/storage/storage.ts'
import type { VirtualClock } from '../virtual-clock.ts'

/** What sets an engine apart: the rules of `Storage` say what follows from it. */
export interface Engine {
  /** Watches get an event some time after its write resolved, and time passes by itself. */
  readonly isRemote: boolean
}

/** A test of one empty store. */
export type Scenario = (
  name: string,
  body: (storage: Storage, clock: VirtualClock, engine: Engine) => Promise<void>,
) => void

export const bytes = (text: string) => Buffer.from(text)
export const textOf = (keyValue: { readonly value: Uint8Array } | undefined) =>
  keyValue && Buffer.from(keyValue.value).toString()

/** Writes unconditionally and returns the revision of it. */
export async function write(storage: Storage, key: string, text = key): Promise<number> {
  const result = await storage.put(key, bytes(text))
  assert.equal(result.code, 'Done')
  return result.keyValue.modRevision
}

/** So many writes may be under way together: a remote store answers each of them in time. */
const MOST_AT_ONCE = 200

/** Writes many keys at once and returns the revision of each. */
export async function writeMany(
  storage: Storage,
  count: number,
  keyOf: (index: number) => string,
  text?: string,
): Promise<readonly number[]> {
  const revisions: number[] = []
  let next = 0
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      revisions[index] = await write(storage, keyOf(index), text)
    }
  }
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, worker))
  return revisions
}

export async function remove(storage: Storage, key: string): Promise<number> {
  const result = await storage.delete(key)
  assert.equal(result.code, 'Done')
  return result.revision
}

/** A watch has had what was written: at once, where the engine is in this process. */
export async function delivered(
  storage: Storage,
  watch: Watch,
  { isRemote }: Engine,
): Promise<void> {
  if (isRemote) await watch.reached(storage.revision())
  else assert.equal(watch.revision, storage.revision())
}

/** Lets the steps of a compaction and of replays pass. */
export async function settled(storage: Storage): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await storage.put('/settling', bytes(String(i)))
    await new Promise((resolve) => setImmediate(resolve))
  }
}
