import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import type { WatchHandler } from '../../storage/storage.ts'
import type { WatchFrame } from '../response.ts'
import type { CacheWatcher } from './cache-watcher.ts'
import { ObjectStore } from './object-store.ts'
import { SELECT_ALL } from './selection.ts'
import { STORED_VIEW, type View } from './view.ts'

const kind = ConfigMap as unknown as Kind
const options = { clock: new VirtualClock(), logger: silentLogger }

/** A store in which one object was changed so many times, and one of another resource between. */
async function withHistory(
  count: number,
  size: number,
  run: (store: ObjectStore, storage: MemoryStorage, read: () => number) => Promise<void>,
): Promise<void> {
  const storage = MemoryStorage.create(options)
  let read = 0
  const { watch } = storage
  storage.watch = (prefixOrKey: string, after: number, handler: WatchHandler) =>
    watch.call(storage, prefixOrKey, after, {
      wantsPrevious: true,
      onEvents(events) {
        read += events.length
        handler.onEvents(events)
      },
      onError: (error) => handler.onError(error),
    })
  const store = new ObjectStore({ kind, storage, ...options })
  for (let at = 0; at < count; at++) {
    const metadata = { name: 'c', namespace: 'default' }
    const data = { at: String(at), fill: 'x'.repeat(size) }
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data }
    await storage.put('/registry/configmaps/default/c', Buffer.from(JSON.stringify(object)))
    if (at % 10 === 0) await storage.put('/registry/pods/default/p', new Uint8Array(1))
  }
  await store.cache.fresh()
  try {
    await run(store, storage, () => read)
  } finally {
    store.close()
    await storage.close()
  }
}

function begin({ cache }: ObjectStore, afterRevision: number, firstView?: View): CacheWatcher {
  return cache.watch({
    ...{ selection: SELECT_ALL, view: STORED_VIEW, names: kind, afterRevision },
    ...(firstView !== undefined && { firstView }),
    wantsBookmarks: false,
    marksInitialEventsEnd: false,
  })
}

async function take(watcher: CacheWatcher, count: number): Promise<WatchFrame[]> {
  const frames: WatchFrame[] = []
  while (frames.length < count) {
    const { value, done } = await watcher.next()
    assert.ok(done !== true, `ended after ${frames.length}`)
    frames.push(...(value as readonly WatchFrame[]))
  }
  return frames
}

const numbersOf = (frames: readonly WatchFrame[]) =>
  frames.map(({ event }) => Number((event.object as KubeObject & Data).data['at']))

interface Data {
  readonly data: Readonly<Record<string, string>>
}

function change(store: ObjectStore, at: number) {
  const metadata = { name: 'c', namespace: 'default' }
  const data = { at: String(at) }
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data } as unknown as KubeObject
  return store.change('default', 'c', async () => ({ type: 'put', object }))
}

test('a long history is told in many turns, then what came meanwhile, once each', () =>
  withHistory(3000, 10, async (store) => {
    const watcher = begin(store, 1)
    const turns = new TurnCounter()
    const start = await take(watcher, 1)
    // These are in the window when the history ends, and in the queue.
    for (let at = 3000; at < 3600; at++) await change(store, at)
    const rest = await take(watcher, 3600 - start.length)
    assert.ok(turns.stop() >= 50)
    assert.deepEqual(numbersOf([...start, ...rest]), [...Array(3600).keys()])
    await watcher.return()
  }))

test('history that nobody takes is not read', () =>
  withHistory(500, 10_000, async (store, _, read) => {
    const before = read()
    const watcher = begin(store, 1)
    await watcher.next()
    await new Promise(setImmediate)
    assert.ok(read() - before <= 50, `${read() - before} changes read for the first batch`)
    await watcher.return()
  }))

test('large objects are read a few at a time', () =>
  withHistory(40, 100_000, async (store, _, read) => {
    const before = read()
    const watcher = begin(store, 1)
    await watcher.next()
    assert.ok(read() - before <= 3, `${read() - before} read`)
    assert.equal((await take(watcher, 38)).length >= 38, true)
    await watcher.return()
  }))

test('a watch that compaction overtakes ends with 410, without what came meanwhile', () =>
  withHistory(2000, 10, async (store, storage) => {
    const watcher = begin(store, 1)
    await take(watcher, 1)
    await change(store, 5000)
    await storage.compact(store.cache.revision)
    const told: WatchFrame['event'][] = []
    for await (const frames of watcher) told.push(...frames.map(({ event }) => event))
    const last = told.at(-1)
    assert.equal(last?.type, 'ERROR')
    assert.match(JSON.stringify(last), /"code":410/)
  }))

test('a change that comes while a history has nothing to tell has the first view', () =>
  withHistory(2000, 10, async (store) => {
    const shown: string[] = []
    const firstView: View = {
      ...STORED_VIEW,
      id: 'first',
      value: (stored) => {
        shown.push(numbersOf([{ event: { object: stored.object } } as WatchFrame]).join())
        return stored.object
      },
    }
    const watcher = store.cache.watch({
      selection: {
        ...SELECT_ALL,
        predicate: (object) => Number((object as KubeObject & Data).data['at']) >= 5000,
      },
      ...{ view: STORED_VIEW, firstView, names: kind, afterRevision: 1 },
      wantsBookmarks: false,
      marksInitialEventsEnd: false,
    })
    const taking = take(watcher, 2)
    await change(store, 5000)
    await change(store, 5001)
    assert.deepEqual(numbersOf(await taking), [5000, 5001])
    assert.deepEqual(shown, ['5000'])
    await watcher.return()
  }))
