import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemClock } from '../../base/clock.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { silentLogger } from '../../base/logger.ts'
import { type Random, randomInt, seededRandom } from '../../base/random.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { LmdbStorage } from '../../storage/lmdb/lmdb-storage.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import type { CacheWatcher } from './cache-watcher.ts'
import { ObjectStore } from './object-store.ts'
import { SELECT_ALL, type Selection } from './selection.ts'
import type { StoredObject } from './stored-object.ts'
import { STORED_VIEW } from './view.ts'

const kind = ConfigMap as unknown as Kind
const SEEDS = 30
const SEEDS_ON_DISK = 4
const WRITES = 150
const WRITES_AT_ONCE = 3

/** A write of the simulation, as a watch of everything must tell it. */
interface Change {
  readonly revision: number
  readonly key: string
  readonly before: KubeObject | undefined
  readonly after: KubeObject | undefined
}

interface Told {
  readonly type: string
  readonly key: string
  readonly revision: string
  readonly labels: unknown
}

const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`

function createStore(storage: Storage): ObjectStore {
  return new ObjectStore({ kind, storage, clock: new VirtualClock(), logger: silentLogger })
}

function objectOf(random: Random): KubeObject {
  const app = 'xyz'[randomInt(random, 3)]
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace: `n${randomInt(random, 2)}`,
      name: `o${randomInt(random, 4)}`,
      labels: { app, nonce: String(randomInt(random, 1e6)) },
    },
  } as unknown as KubeObject
}

/** Writes a random object, or deletes it; what is found at that moment decides what it was. */
async function write(store: ObjectStore, random: Random, history: Change[]): Promise<void> {
  const object = objectOf(random)
  const { namespace = '', name } = object.metadata
  const wantsDeletion = random.next() < 0.3
  let before: KubeObject | undefined
  const outcome = await store.change(namespace, name, (current) => {
    before = current?.object
    return wantsDeletion && before !== undefined ? { type: 'delete' } : { type: 'put', object }
  })
  const after = outcome.type === 'deleted' ? undefined : object
  history.push({ revision: outcome.stored.revision, key: keyOf(object), before, after })
  history.sort((a, b) => a.revision - b.revision)
}

/** What a watch with this predicate has to tell of the history after a revision. */
function expectedOf(
  history: readonly Change[],
  afterRevision: number,
  matches: (object: KubeObject) => boolean,
): Told[] {
  return history.flatMap(({ revision, key, before, after }) => {
    if (revision <= afterRevision) return []
    const wasIn = before !== undefined && matches(before)
    const isIn = after !== undefined && matches(after)
    if (!wasIn && !isIn) return []
    const type = isIn ? (wasIn ? 'MODIFIED' : 'ADDED') : 'DELETED'
    const { labels } = ((isIn ? after : before) as KubeObject).metadata
    return [{ type, key, revision: String(revision), labels }]
  })
}

/** Everything that a watch has been told, read through its bytes. */
async function toldTo(watcher: CacheWatcher): Promise<Told[]> {
  watcher.end()
  const told: Told[] = []
  for await (const batch of watcher) {
    for (const frame of batch) {
      const { type, object } = JSON.parse(Buffer.from(frame.bytes('json')).toString())
      assert.deepEqual(frame.event.object, object, 'the value says what the bytes say')
      const { resourceVersion: revision, labels } = object.metadata
      told.push({ type, key: keyOf(object), revision, labels })
    }
  }
  return told
}

const appOf = ({ metadata }: KubeObject) => [metadata.labels?.['app'] ?? '']
const isApp = (app: string) => (object: KubeObject) => object.metadata.labels?.['app'] === app

const SELECTIONS: readonly (Selection & { readonly matches: (object: KubeObject) => boolean })[] = [
  { ...SELECT_ALL, matches: () => true },
  { namespace: 'n0', name: '', matches: ({ metadata }) => metadata.namespace === 'n0' },
  {
    namespace: 'n1',
    name: 'o2',
    matches: ({ metadata }) => metadata.namespace === 'n1' && metadata.name === 'o2',
  },
  { ...SELECT_ALL, predicate: isApp('x'), matches: isApp('x') },
  {
    ...SELECT_ALL,
    predicate: isApp('y'),
    indexKey: { index: 'label app', value: 'y' },
    matches: isApp('y'),
  },
]

interface BegunWatch {
  readonly from: number
  readonly at: number
  readonly one: CacheWatcher
}

test('watches from any revision see exactly the history, and lists the state', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
    await simulate(seed, storage)
  }
})

test('so they do on disk, where many writes are one commit', async () => {
  for (let seed = 1; seed <= SEEDS_ON_DISK; seed++) {
    using directory = temporaryDirectory()
    const { path } = directory
    const storage = await LmdbStorage.open({
      directory: path,
      processId: process.pid,
      files: systemFileSystem,
      clock: systemClock,
      logger: silentLogger,
    })
    await simulate(seed, storage)
  }
})

/** Random writes, several at a time, random watches and restarts: then what each was told. */
async function simulate(seed: number, storage: Storage): Promise<void> {
  const random = seededRandom(seed)
  let store = createStore(storage)
  const history: Change[] = []
  let watches: BegunWatch[] = []
  for (let count = 0; count < WRITES; count += WRITES_AT_ONCE) {
    const writes = Array.from({ length: WRITES_AT_ONCE }, () => write(store, random, history))
    if (random.next() < 0.5) {
      const at = randomInt(random, SELECTIONS.length)
      const from = 1 + randomInt(random, storage.revision())
      watches.push({ from, at, one: await beginWatch(store, at, from) })
    }
    await Promise.all(writes)
    if (random.next() < 0.06) {
      // A restart: another server over the same store, whose window begins now.
      await check(seed, history, watches)
      watches = []
      store.close()
      store = createStore(storage)
    }
  }
  await check(seed, history, watches)
  await checkLists(seed, store, history)
  store.close()
  await storage.close()
}

async function beginWatch(store: ObjectStore, at: number, from: number): Promise<CacheWatcher> {
  await store.cache.fresh()
  store.cache.ensureIndex('label app', appOf)
  return store.cache.watch({
    selection: SELECTIONS[at] as Selection,
    view: STORED_VIEW,
    afterRevision: from,
    wantsBookmarks: false,
    marksInitialEventsEnd: false,
    names: kind,
  })
}

async function check(
  seed: number,
  history: readonly Change[],
  watches: readonly BegunWatch[],
): Promise<void> {
  for (const { from, at, one } of watches) {
    const matches = SELECTIONS[at]?.matches ?? (() => true)
    const expected = expectedOf(history, from, matches)
    assert.deepEqual(await toldTo(one), expected, `seed ${seed}, selection ${at} after ${from}`)
  }
}

async function checkLists(
  seed: number,
  store: ObjectStore,
  history: readonly Change[],
): Promise<void> {
  await store.cache.fresh()
  store.cache.ensureIndex('label app', appOf)
  const state = new Map<string, string>()
  for (const { key, revision, after } of history) {
    if (after === undefined) state.delete(key)
    else state.set(key, `${key}@${revision} ${after.metadata.labels?.['app']}`)
  }
  const all = [...state].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  const listed = (selection: Selection) =>
    store.cache
      .list(selection)
      .map(({ object, revision }) => ({ object, text: `${keyOf(object)}@${revision}` }))
      .map(({ object, text }) => `${text} ${object.metadata.labels?.['app']}`)
  assert.deepEqual(listed(SELECT_ALL), all, `seed ${seed}`)
  const indexKey = { index: 'label app', value: 'y' }
  assert.deepEqual(
    listed({ ...SELECT_ALL, predicate: isApp('y'), indexKey }),
    all.filter((text) => text.endsWith(' y')),
    `seed ${seed}`,
  )
}

test('what a writer has decoded nobody decodes again', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const store = createStore(storage)
  await store.cache.fresh()
  const object = objectOf(seededRandom(1))
  const stored = await store.create(object)
  assert.equal(stored, store.cache.get(object.metadata.namespace ?? '', object.metadata.name))
  assert.equal(stored.object.metadata.labels, object.metadata.labels, 'the same, not a copy')
  assert.equal(stored.storedBytes, stored.storedBytes, 'encoded once')
  assert.deepEqual(JSON.parse(stored.served.toString()), stored.object)
  const item = Buffer.alloc(stored.listItem.length)
  stored.listItem.copyTo(item, 0)
  const { kind, apiVersion, ...rest } = stored.object
  assert.deepEqual(JSON.parse(`{${item}`), rest)
})

test('labels that clients select by fill up no more than their own indexes', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const store = createStore(storage)
  await store.cache.fresh()
  const { cache } = store
  for (const key of ['app', 'constructor']) cache.ensureLabelIndex(key)
  let count = 0
  while (cache.ensureLabelIndex(`l${count++}`) !== undefined);
  assert.equal(cache.ensureLabelIndex('app'), 'label app')
  cache.ensureIndex('field a', () => ['x'])
  const base = objectOf(seededRandom(1))
  await store.create({ ...base, metadata: { ...base.metadata, labels: { app: 'y' } } })
  assert.ok(cache.hasIndexed('field a', 'x'))
  assert.ok(cache.hasIndexed('label app', 'y'))
  assert.ok(!cache.hasIndexed('label constructor', Object as unknown as string))
})

interface CountedObject extends KubeObject {
  readonly data: { readonly count: string }
}

test('concurrent changes of one object are all made, each upon the last', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const store = createStore(storage)
  const base = objectOf(seededRandom(1))
  await store.create({ ...base, data: { count: '0' } } as KubeObject)
  const { namespace = '', name } = base.metadata
  const increments = Array.from({ length: 50 }, () =>
    store.change(namespace, name, async (current) => {
      await Promise.resolve()
      const { data } = (current as StoredObject).object as CountedObject
      const object = { ...base, data: { count: String(Number(data.count) + 1) } }
      return { type: 'put', object: object as KubeObject }
    }),
  )
  await Promise.all(increments)
  const { object } = await store.get(namespace, name)
  assert.deepEqual((object as CountedObject).data, { count: '50' })
})
