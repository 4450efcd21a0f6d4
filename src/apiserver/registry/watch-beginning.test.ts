import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import type { WatchFrame } from '../response.ts'
import type { CacheWatcher } from './cache-watcher.ts'
import { ObjectStore } from './object-store.ts'
import { SELECT_ALL, type Selection } from './selection.ts'
import { STORED_VIEW, type View } from './view.ts'

const kind = ConfigMap as unknown as Kind
const OBJECTS = 2000

async function withStore(
  run: (store: ObjectStore) => Promise<void>,
  { count = OBJECTS, size = 10 } = {},
): Promise<void> {
  const options = { clock: new VirtualClock(), logger: silentLogger }
  const storage = MemoryStorage.create(options)
  for (let at = 0; at < count; at++) {
    const name = `c${10_000 + at}`
    const metadata = { name, namespace: 'default', labels: { at: String(at) } }
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { a: 'x'.repeat(size) } }
    await storage.put(`/registry/configmaps/default/${name}`, Buffer.from(JSON.stringify(object)))
  }
  const store = new ObjectStore({ kind, storage, ...options })
  await store.cache.fresh()
  try {
    await run(store)
  } finally {
    store.close()
    await storage.close()
  }
}

function begin(
  { cache }: ObjectStore,
  selection: Selection = SELECT_ALL,
  views: { readonly view: View; readonly firstView?: View } = { view: STORED_VIEW },
  marksInitialEventsEnd = true,
): CacheWatcher {
  return cache.watch({
    ...{ selection, ...views, names: kind, marksInitialEventsEnd },
    afterRevision: undefined,
    wantsBookmarks: true,
  })
}

/** The next so many frames, and in how many batches they came. */
async function take(watcher: CacheWatcher, count: number) {
  const frames: WatchFrame[] = []
  let batches = 0
  while (frames.length < count) {
    const { value, done } = await watcher.next()
    assert.ok(done !== true)
    frames.push(...(value as readonly WatchFrame[]))
    batches++
  }
  return { frames, batches }
}

const objectOf = (frame: WatchFrame | undefined) => frame?.event.object as KubeObject

const namesOf = (frames: readonly WatchFrame[]) =>
  frames.map(({ event }) => `${event.type} ${(event.object as KubeObject).metadata.name}`)

function change(store: ObjectStore, name: string, data: Readonly<Record<string, string>>) {
  const metadata = { name, namespace: 'default' }
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data } as unknown as KubeObject
  return store.change('default', name, async () => ({ type: 'put', object }))
}

test('what a watch begins with is made as it is taken, a portion in a turn', () =>
  withStore(async (store) => {
    let judged = 0
    const predicate = () => ++judged > 0
    const watchers: CacheWatcher[] = []
    for (let at = 0; at < 100; at++) watchers.push(begin(store, { ...SELECT_ALL, predicate }))
    assert.equal(judged, 0, 'nobody has taken anything')
    const [first, second] = watchers as [CacheWatcher, CacheWatcher]
    await first.next()
    assert.ok(judged <= OBJECTS / 5, `${judged} looked at for the first batch`)
    const turns = new TurnCounter()
    const { frames } = await take(second, OBJECTS + 1)
    assert.ok(turns.stop() >= OBJECTS / 300)
    const { metadata } = objectOf(frames.at(-1))
    assert.deepEqual(metadata.annotations, { 'k8s.io/initial-events-end': 'true' })
  }))

test('a selector that hardly anything matches is asked in many turns', () =>
  withStore(
    async (store) => {
      const predicate = ({ metadata }: KubeObject) => metadata.name === 'c14999'
      const turns = new TurnCounter()
      const { frames } = await take(begin(store, { ...SELECT_ALL, predicate }), 2)
      assert.ok(turns.stop() >= 4)
      assert.deepEqual(namesOf(frames), ['ADDED c14999', 'BOOKMARK undefined'])
    },
    { count: 5000 },
  ))

test('the state is that of the beginning; what changes while it is sent follows it', () =>
  withStore(async (store) => {
    const revision = String(store.cache.revision)
    const watcher = begin(store)
    const { frames: start } = await take(watcher, 1)
    await change(store, 'c11999', { late: 'yes' })
    await change(store, 'c10000-new', {})
    await store.change('default', 'c11998', async () => ({ type: 'delete' }))
    const { frames: rest } = await take(watcher, OBJECTS + 1 - start.length)
    const bookmark = objectOf(rest.at(-1))
    assert.equal(bookmark.metadata.resourceVersion, revision)
    assert.deepEqual((objectOf(rest.at(-2)) as KubeObject & { data: object }).data, {
      a: 'x'.repeat(10),
    })
    const { frames: events } = await take(watcher, 3)
    const told = ['MODIFIED c11999', 'ADDED c10000-new', 'DELETED c11998']
    assert.deepEqual(namesOf(events), told)
  }))

test('the first event alone has the first view, whether it is of the state or follows it', () =>
  withStore(
    async (store) => {
      const named = (name: string) => ({
        ...SELECT_ALL,
        predicate: ({ metadata }: KubeObject) => metadata.name === name,
      })
      const shown: string[] = []
      const spy = (id: string): View => ({
        ...STORED_VIEW,
        id,
        value: (stored) => {
          shown.push(`${id} ${stored.object.metadata.name}`)
          return stored.object
        },
      })
      const spies = { view: spy('next'), firstView: spy('first') }
      const some = begin(store, named('c10002'), spies, false)
      const none = begin(store, named('c10009'), spies, false)
      await change(store, 'c10002', {})
      await change(store, 'c10009', {})
      await change(store, 'c10009', { again: 'yes' })
      for (const watcher of [some, none]) namesOf((await take(watcher, 2)).frames)
      assert.deepEqual(shown, ['first c10002', 'next c10002', 'first c10009', 'next c10009'])
    },
    { count: 3 },
  ))

test('a client that reads nothing is ended, and what it began with is dropped', () =>
  withStore(
    async (store) => {
      const watcher = begin(store)
      for (let at = 0; at < 5000; at++) await change(store, 'c10000', { at: `${at}` })
      assert.ok(watcher.isEnded)
      assert.deepEqual(await watcher.next(), { done: true, value: undefined })
    },
    { count: 3 },
  ))

test('a large object is encoded once for all that are sent it, and a small one for each', async () => {
  for (const [size, isShared] of [
    [100_000, true],
    [100, false],
  ] as const) {
    await withStore(
      async (store) => {
        const bytes: Uint8Array[] = []
        for (let at = 0; at < 3; at++) {
          const { frames } = await take(begin(store), 2)
          bytes.push((frames[0] as WatchFrame).bytes('json'))
        }
        assert.equal(bytes[0] === bytes[1] && bytes[1] === bytes[2], isShared)
        assert.equal(Buffer.compare(bytes[0] as Uint8Array, bytes[2] as Uint8Array), 0)
      },
      { count: 1, size },
    )
  }
})
