import { COMPACTION_KEY } from './etcd/etcd-compactor.ts'
import type { KeyValue, Storage } from './storage.ts'
import { type Place, StorePart, WHOLE_STORE } from './store-part.ts'

/** A store that can say which of its keys will go by themselves. */
export interface ExpiringStorage extends Storage {
  /** The seconds left of each key of a prefix that has a time to live. */
  timesToLive(prefix: string): Promise<ReadonlyMap<string, number>>
}

/** A store that can skip revisions; others have to write as often. */
export interface AdvancingStorage extends Storage {
  advance?(revision: number): Promise<void>
}

export interface CopyOptions {
  readonly from: ExpiringStorage
  readonly to: AdvancingStorage
  /** Replaces what the target holds. Otherwise a target that is not empty is refused. */
  readonly isForced: boolean
  /** Whether a value can be read under its own key alone: it cannot get another one. */
  readonly isBound?: ((value: Uint8Array) => boolean) | undefined
  /** Which keys of each are meant, and where they stand there; all of both when absent. */
  readonly places?: { readonly from: readonly Place[]; readonly to: readonly Place[] } | undefined
}

export interface CopyResult {
  readonly copied: number
  /** Keys of the target that the source has not. */
  readonly removed: number
}

/** Writes that are under way together. */
const WRITES_AT_ONCE = 64
/** Of empty writes, which etcd makes some thousands of in a second. */
const SKIPS_AT_ONCE = 512
/** More would take an hour. */
const MOST_SKIPS = 10_000_000
const HOW_TO_MOVE =
  'before it gets another prefix, have its server write it by secretbox, or unencrypted'
/** Is written to only to count revisions, and deleted. */
const SKIP_KEY = '/wherry.store-copy/revision'

/**
 * Makes one store, or a part of it, hold what another holds at this moment: keys, values and times
 * to live. Revisions are the target's own, all of them after the source's, and what was before is
 * compacted: a client that goes on with what the source told it is told that this is too old, and
 * lists again. Writes are begun in the order of the last changes: what is newer stays so, by and
 * large. What was written is read back and compared.
 */
export async function copyStorage(options: CopyOptions): Promise<CopyResult> {
  const { isForced, places, isBound } = options
  const from = new StorePart(options.from, places?.from ?? WHOLE_STORE)
  const to = new StorePart(options.to, places?.to ?? WHOLE_STORE)
  const present = (await to.read()).items.filter(isContent)
  if (present.length > 0 && !isForced) {
    throw new Error(`the target holds ${present.length} keys; --force replaces them`)
  }
  const { items, revision } = await from.read()
  const bound = items.find(
    ({ key, value }) => from.below(key) !== to.below(key) && isBound?.(value),
  )
  if (bound !== undefined) throw new Error(`${bound.key} is encrypted for its key: ${HOW_TO_MOVE}`)
  const timesToLive = await from.timesToLive((prefix) => from.storage.timesToLive(prefix))
  const content = items.filter(isContent).toSorted((a, b) => a.modRevision - b.modRevision)
  const wanted = new Map(content.map((item) => [item.key, item]))
  await skipRevisions(to.storage, revision + 1)
  const superfluous = present.filter(({ key }) => !wanted.has(key))
  await inTurns(superfluous, ({ key }) => to.delete(key))
  await inTurns(content, ({ key, value }) =>
    to.put(key, value, { ttlSeconds: timesToLive.get(key) }),
  )
  await verify(to, wanted, timesToLive)
  const change = (await from.read()).items.find(
    (item) => isContent(item) && item.modRevision > revision,
  )
  if (change !== undefined) {
    throw new Error(`the source was written to meanwhile (${change.key}): stop its servers first`)
  }
  await to.storage.compact(await to.storage.currentRevision())
  return { copied: content.length, removed: superfluous.length }
}

/** The target's next write gets a revision after this one. */
async function skipRevisions(to: AdvancingStorage, revision: number): Promise<void> {
  const missing = revision - (await to.currentRevision())
  if (missing <= 0) return
  if (to.advance !== undefined) return to.advance(revision)
  if (missing > MOST_SKIPS) {
    const how = `etcdutl snapshot restore --bump-revision ${missing} --mark-compacted`
    throw new Error(`the target is ${missing} revisions behind the source: first use ${how}`)
  }
  const nothing = new Uint8Array()
  await inTurns(Array(missing).keys(), () => to.put(SKIP_KEY, nothing), SKIPS_AT_ONCE)
  await to.delete(SKIP_KEY)
}

async function verify(
  to: StorePart,
  wanted: ReadonlyMap<string, KeyValue>,
  timesToLive: ReadonlyMap<string, number>,
): Promise<void> {
  const written = new Map((await to.read()).items.map((item) => [item.key, item.value]))
  for (const [key, { value }] of wanted) {
    const found = written.get(key)
    if (found === undefined && timesToLive.has(key)) continue // Its time has come meanwhile.
    if (found === undefined || Buffer.compare(found, value) !== 0) {
      throw new Error(`${key} is not in the target as it was written: somebody else writes to it`)
    }
  }
}

/** etcd's compaction is no content: its revisions mean nothing elsewhere. */
function isContent({ key }: KeyValue): boolean {
  return key !== COMPACTION_KEY && key !== SKIP_KEY
}

/** A few at a time, begun in order. */
async function inTurns<T>(
  items: Iterable<T>,
  act: (item: T) => Promise<unknown>,
  atOnce = WRITES_AT_ONCE,
): Promise<void> {
  const left = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) await act(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
