import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type Storage,
  StorageClosedError,
  type Watch,
} from '../../src/storage/storage.ts'
import { recordWatch } from './storage-recorder.ts'
import { checkAgainstModel } from './storage-simulation.ts'
import { VirtualClock } from './virtual-clock.ts'

const bytes = (text: string) => Buffer.from(text)
const textOf = (keyValue: { readonly value: Uint8Array } | undefined) =>
  keyValue && Buffer.from(keyValue.value).toString()

/** Writes unconditionally and returns the revision of it. */
export async function write(storage: Storage, key: string, text = key): Promise<number> {
  const result = await storage.put(key, bytes(text))
  assert.equal(result.code, 'Done')
  return result.keyValue.modRevision
}

export async function remove(storage: Storage, key: string): Promise<number> {
  const result = await storage.delete(key)
  assert.equal(result.code, 'Done')
  return result.revision
}

/** What sets an engine apart: the rules of `Storage` say what follows from it. */
export interface Engine {
  /** Watches get an event some time after its write resolved, and time passes by itself. */
  readonly isRemote: boolean
}

/** What every engine promises. `open` gives an empty store and closes it after the test. */
export function storageSuite(
  name: string,
  open: (t: TestContext, clock: VirtualClock) => Promise<Storage>,
  engine: Engine = { isRemote: false },
): void {
  const scenario: Scenario = (name, body) =>
    test(name, async (t) => {
      const clock = new VirtualClock()
      await body(await open(t, clock), clock, engine)
    })
  const embeddedOnly: Scenario = (name, body) => {
    if (!engine.isRemote) scenario(name, body)
  }

  describe(`storage suite: ${name}`, () => {
    writes(scenario)
    reads(scenario)
    visibility(embeddedOnly)
    lists(scenario)
    watches(scenario)
    deliveries(embeddedOnly)
    watchFailures(scenario)
    compaction(scenario)
    expiry(embeddedOnly)
    for (let seed = 1; seed <= 12; seed++) {
      scenario(`concurrent clients agree with a model, seed ${seed}`, (storage) =>
        checkAgainstModel(storage, seed),
      )
    }
  })
}

type Scenario = (
  name: string,
  body: (storage: Storage, clock: VirtualClock, engine: Engine) => Promise<void>,
) => void

/** A watch has had what was written: at once, where the engine is in this process. */
async function delivered(storage: Storage, watch: Watch, { isRemote }: Engine): Promise<void> {
  if (isRemote) await watch.reached(storage.revision())
  else assert.equal(watch.revision, storage.revision())
}

function writes(scenario: Scenario): void {
  scenario('an empty store has revision 1, and each write one more', async (storage) => {
    const first = storage.revision()
    assert.equal(first, 1)
    assert.equal(await write(storage, '/a'), first + 1)
    assert.equal(await write(storage, '/b'), first + 2)
    assert.equal(await remove(storage, '/a'), first + 3)
    assert.equal(storage.revision(), first + 3)
    assert.equal(await storage.currentRevision(), first + 3)
  })

  scenario('create and version count from the last creation', async (storage) => {
    const created = await write(storage, '/a', '1')
    const updated = await write(storage, '/a', '2')
    const expected = { key: '/a', createRevision: created, modRevision: updated, version: 2 }
    const { value, ...found } = (await storage.get('/a')) as KeyValue
    assert.deepEqual(found, expected)
    assert.equal(textOf({ value }), '2')
    await remove(storage, '/a')
    assert.equal(await storage.get('/a'), undefined)
    const again = await write(storage, '/a', '3')
    const recreated = await storage.get('/a')
    assert.deepEqual([recreated?.createRevision, recreated?.version], [again, 1])
  })

  scenario('a failed compare returns what is there and takes no revision', async (storage) => {
    const revision = await write(storage, '/a', 'mine')
    const create = await storage.put('/a', bytes('other'), { expectedModRevision: 0 })
    assert.equal(create.code, 'Conflict')
    assert.equal(textOf(create.code === 'Conflict' ? create.current : undefined), 'mine')
    const update = await storage.put('/a', bytes('x'), { expectedModRevision: revision + 7 })
    assert.equal(update.code, 'Conflict')
    const removal = await storage.delete('/a', { expectedModRevision: revision - 1 })
    assert.equal(removal.code, 'Conflict')
    const missing = await storage.put('/no', bytes('x'), { expectedModRevision: revision })
    assert.deepEqual(missing, { code: 'Conflict', current: undefined })
    assert.deepEqual(await storage.delete('/no'), { code: 'NotFound' })
    assert.equal(storage.revision(), revision)
    const swap = await storage.put('/a', bytes('new'), { expectedModRevision: revision })
    assert.equal(swap.code, 'Done')
    const done = await storage.delete('/a', { expectedModRevision: revision + 1 })
    assert.deepEqual(done, { code: 'Done', revision: revision + 2 })
  })

  scenario('of many who swap at once one wins, and the others see its value', async (storage) => {
    const revision = await write(storage, '/a', 'old')
    const attempts = Array.from({ length: 20 }, (_, i) =>
      storage.put('/a', bytes(`by ${i}`), { expectedModRevision: revision }),
    )
    const results = await Promise.all(attempts)
    const winner = results.findIndex(({ code }) => code === 'Done')
    assert.equal(results.filter(({ code }) => code === 'Done').length, 1)
    assert.equal(storage.revision(), revision + 1)
    for (const result of results) {
      if (result.code !== 'Conflict') continue
      assert.equal(textOf(result.current), `by ${winner}`)
      assert.equal(result.current?.modRevision, revision + 1)
    }
  })

  scenario('any bytes and any well-formed key are kept', async (storage) => {
    const large = Buffer.alloc(1_500_000, 7)
    await storage.put('/large', large)
    await storage.put('/empty', new Uint8Array(0))
    await write(storage, '/__proto__/constructor', 'p')
    await write(storage, `/${'long'.repeat(2000)}`, 'l')
    assert.ok(large.equals((await storage.get('/large'))?.value ?? new Uint8Array(0)))
    assert.equal((await storage.get('/empty'))?.value.length, 0)
    assert.equal(textOf(await storage.get('/__proto__/constructor')), 'p')
    assert.equal(textOf(await storage.get(`/${'long'.repeat(2000)}`)), 'l')
    await assert.rejects(storage.put('/\ud800', bytes('x')), /well-formed/)
  })
}

function reads(scenario: Scenario): void {
  scenario('a read at a revision sees the state of that moment', async (storage) => {
    const before = storage.revision()
    const first = await write(storage, '/a', '1')
    const second = await write(storage, '/a', '2')
    const deleted = await remove(storage, '/a')
    const third = await write(storage, '/a', '3')
    const at = async (revision: number) => textOf(await storage.get('/a', { revision }))
    assert.equal(await at(before), undefined)
    assert.equal(await at(first), '1')
    assert.equal(await at(second), '2')
    assert.equal(await at(deleted), undefined)
    assert.equal(await at(third), '3')
  })

  scenario('a read of the future is refused', async (storage) => {
    const revision = (await write(storage, '/a')) + 1
    await assert.rejects(storage.get('/a', { revision }), FutureRevisionError)
    await assert.rejects(storage.list('/', { revision }), FutureRevisionError)
    await assert.rejects(storage.count('/', { revision }), FutureRevisionError)
  })
}

function visibility(scenario: Scenario): void {
  scenario('a write that is under way cannot be seen', async (storage) => {
    const revision = await write(storage, '/a', 'old')
    const seen = recordWatch(storage, '/', revision)
    let isAcknowledged = false
    const pending = storage.put('/b', bytes('new')).then(() => {
      isAcknowledged = true
    })
    while (!isAcknowledged) {
      const isVisible = storage.revision() > revision
      assert.equal((await storage.get('/b')) !== undefined, isVisible)
      if (!isVisible) assert.equal(seen.events.length, 0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await pending
    assert.equal(seen.events.length, 1)
  })
}

function lists(scenario: Scenario): void {
  scenario('a prefix never matches half a name', async (storage) => {
    for (const key of [
      '/r/pods/ab/x',
      '/r/pods/abc/x',
      '/r/pods/ab',
      '/r/pods/ab0',
      '/r/podsx/a',
    ]) {
      await write(storage, key)
    }
    const keys = async (prefix: string) => (await storage.list(prefix)).items.map(({ key }) => key)
    assert.deepEqual(await keys('/r/pods/ab/'), ['/r/pods/ab/x'])
    assert.deepEqual(await keys('/r/podsx/'), ['/r/podsx/a'])
    assert.equal((await keys('/r/pods/')).length, 4)
    assert.equal((await keys('')).length, 5)
    assert.equal(await storage.count('/r/pods/ab/'), 1)
    await assert.rejects(storage.list('/r/pods'), /does not end in/)
  })

  scenario('keys are ordered by their bytes', async (storage) => {
    const keys = ['/a', '/B', '/~', '/é', '/\uffff', '/😀', '/a/b', '/a0', '/a-']
    for (const key of keys) await write(storage, key)
    const listed = (await storage.list('')).items.map(({ key }) => key)
    const expected = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(listed, expected)
  })

  scenario('pages of an old revision are consistent whatever is written', async (storage) => {
    const name = (i: number) => `/p/${String(i).padStart(3, '0')}`
    for (let i = 0; i < 250; i++) await write(storage, name(i), 'old')
    const first = await storage.list('/p/', { limit: 100 })
    assert.deepEqual([first.items.length, first.more, first.count], [100, true, 250])
    await Promise.all(
      Array.from({ length: 250 }, (_, i) =>
        i % 3 === 0 ? storage.delete(name(i)) : storage.put(name(i), bytes('new')),
      ),
    )
    await write(storage, '/p/0999')
    const { revision } = first
    const page = (from: number, limit: number) =>
      storage.list('/p/', { revision, limit, startKey: name(from) })
    const second = await page(100, 100)
    const third = await page(200, 100)
    assert.deepEqual([second.items.length, second.more, second.count], [100, true, 150])
    assert.deepEqual([third.items.length, third.more, third.count], [50, false, 50])
    const all = [...first.items, ...second.items, ...third.items]
    assert.deepEqual(
      all.map(({ key }) => key),
      Array.from({ length: 250 }, (_, i) => name(i)),
    )
    assert.ok(all.every((item) => textOf(item) === 'old'))
    assert.equal(await storage.count('/p/', { revision }), 250)
    assert.equal(await storage.count('/p/'), 250 - 84 + 1)
  })

  scenario(
    'a large list is one moment, though written to and compacted meanwhile',
    async (storage, _, { isRemote }) => {
      const puts = (text: string) =>
        Promise.all(Array.from({ length: 3500 }, (_, i) => write(storage, `/l/${i}`, text)))
      const old = await puts('old')
      const listing = storage.list('/l/')
      const next = await puts('new')
      await storage.compact(storage.revision())
      const { items, revision } = await listing
      assert.equal(items.length, 3500)
      for (const item of items) {
        const number = Number(item.key.slice('/l/'.length))
        const isNew = (next[number] ?? 0) <= revision
        assert.equal(item.modRevision, isNew ? next[number] : old[number])
        assert.equal(textOf(item), isNew ? 'new' : 'old')
        assert.ok(isRemote || !isNew, 'the moment is that of the call')
      }
    },
  )
}

function watches(scenario: Scenario): void {
  scenario(
    'a watch gets what follows its revision, history first, once each',
    async (storage, _, { isRemote }) => {
      const start = storage.revision()
      for (let i = 0; i < 30; i++) await write(storage, `/w/${i % 4}`, `${i}`)
      await write(storage, '/other')
      const all = recordWatch(storage, '/w/', start)
      const some = recordWatch(storage, '/w/', start + 20)
      const one = recordWatch(storage, '/w/2', start)
      const writing = Array.from({ length: 50 }, (_, i) =>
        write(storage, `/w/${i % 4}`, `${i + 30}`),
      )
      const revisions = await Promise.all(writing)
      await Promise.all([all, some, one].map((each) => each.watch.reached(storage.revision())))
      const inOrder = revisions.map((revision, i) => ({ revision, text: `${i + 30}` }))
      // Writes that are under way together reach a remote store in any order.
      if (isRemote) inOrder.sort((a, b) => a.revision - b.revision)
      const last = inOrder.map(({ text }) => text)
      const range = (from: number) => Array.from({ length: 30 - from }, (_, i) => `${i + from}`)
      assert.deepEqual(all.events.map(textOf), [...range(0), ...last])
      assert.deepEqual(some.events.map(textOf), [...range(20), ...last])
      assert.deepEqual(one.events.map(textOf), [...all.events].filter(isTwo).map(textOf))
    },
  )

  scenario('a history of any length is replayed to its end', async (storage) => {
    const start = storage.revision()
    await Promise.all(Array.from({ length: 1503 }, (_, i) => write(storage, `/h/${i}`)))
    const end = storage.revision()
    const watches = [0, 1, 2, 3, 4, 499, 500, 502, 1000, 1500, 1502].map((skipped) =>
      recordWatch(storage, '/h/', start + skipped),
    )
    await Promise.all(watches.map(({ watch }) => watch.reached(end)))
    for (const { events, after } of watches) assert.equal(events.length, end - after)
  })

  scenario(
    'an event says what was written, by whom and what was before',
    async (storage, _, engine) => {
      const seen = recordWatch(storage, '/', storage.revision())
      const attachment = { decoded: true }
      await storage.put('/a', bytes('1'), { attachment })
      await storage.put('/a', bytes('2'))
      await storage.delete('/a', { attachment })
      const revision = storage.revision()
      await delivered(storage, seen.watch, engine)
      assert.deepEqual(
        seen.events.map(({ type, attachment, createRevision, modRevision, version }) => {
          return { type, attachment, createRevision, modRevision, version }
        }),
        [
          { type: 'PUT', attachment, createRevision: 2, modRevision: revision - 2, version: 1 },
          {
            type: 'PUT',
            attachment: undefined,
            createRevision: 2,
            modRevision: revision - 1,
            version: 2,
          },
          { type: 'DELETE', attachment, createRevision: 0, modRevision: revision, version: 0 },
        ],
      )
      assert.deepEqual(seen.previous.map(textOf), [undefined, '1', '2'])
      assert.equal(seen.events[2]?.value.length, 0)
      const replayed = recordWatch(storage, '/', 1)
      await replayed.watch.reached(revision)
      assert.deepEqual(replayed.previous.map(textOf), [undefined, '1', '2'])
      assert.equal(replayed.events[0]?.attachment, undefined)
    },
  )

  scenario('handlers may write and watch; nobody sees that out of order', async (storage) => {
    const start = storage.revision()
    const nested: ReturnType<typeof recordWatch>[] = []
    const echoes: Promise<unknown>[] = []
    const writer = storage.watch('/', start, {
      onEvents(events) {
        for (const { key } of events) {
          if (!key.startsWith('/in/')) continue
          echoes.push(storage.put(`/out${key}`, bytes('echo')))
          nested.push(recordWatch(storage, '/', storage.revision()))
        }
      },
      onError: () => {},
    })
    const seen = recordWatch(storage, '/', start)
    await Promise.all(Array.from({ length: 10 }, (_, i) => write(storage, `/in/${i}`)))
    await writer.reached(storage.revision())
    assert.equal(echoes.length, 10)
    await Promise.all(echoes)
    await Promise.all([seen, ...nested].map(({ watch }) => watch.reached(storage.revision())))
    assert.equal(seen.events.length, 20)
    for (const { events, after } of [seen, ...nested]) {
      const revisions = events.map(({ modRevision }) => modRevision)
      assert.deepEqual(
        revisions,
        Array.from({ length: start + 20 - after }, (_, i) => after + 1 + i),
      )
    }
    writer[Symbol.dispose]()
  })
}

function deliveries(scenario: Scenario): void {
  scenario('when a write resolves, live watches have had it', async (storage) => {
    const seen = recordWatch(storage, '/a', storage.revision())
    const elsewhere = recordWatch(storage, '/b/', storage.revision())
    for (let i = 1; i <= 5; i++) {
      const revision = await write(storage, '/a')
      assert.equal(seen.events.length, i)
      assert.equal(seen.watch.revision, revision)
      assert.equal(elsewhere.watch.revision, revision, 'progress needs no event')
    }
  })
}

const isTwo = ({ key }: { readonly key: string }) => key === '/w/2'

function watchFailures(scenario: Scenario): void {
  scenario('a handler that throws ends its own watch only', async (storage, _, engine) => {
    const start = storage.revision()
    const errors: unknown[] = []
    let calls = 0
    const failing = storage.watch('/', start, {
      onEvents() {
        calls++
        throw new Error('broken handler')
      },
      onError(error) {
        errors.push(error)
        throw new Error('broken here too')
      },
    })
    const seen = recordWatch(storage, '/', start)
    await write(storage, '/a')
    await write(storage, '/b')
    await delivered(storage, seen.watch, engine)
    assert.equal(calls, 1)
    assert.match(String(errors), /^Error: broken handler$/)
    assert.equal(seen.events.length, 2)
    await assert.rejects(failing.reached(storage.revision() + 1), /ended/)
  })

  scenario(
    'a disposed watch is called no more, not even in the same turn',
    async (storage, _, engine) => {
      const start = storage.revision()
      const second = recordWatch(storage, '/', start)
      const history = recordWatch(storage, '/', 1)
      history.watch[Symbol.dispose]()
      let calls = 0
      const first = storage.watch('/', start, {
        onEvents() {
          calls++
          first[Symbol.dispose]()
        },
        onError: () => assert.fail('a disposed watch has no error'),
      })
      await Promise.all([write(storage, '/a'), write(storage, '/b')])
      await write(storage, '/c')
      await delivered(storage, second.watch, engine)
      assert.equal(calls, 1)
      assert.equal(second.events.length, 3)
      second.watch[Symbol.dispose]()
      await write(storage, '/d')
      const last = recordWatch(storage, '/', start)
      await last.watch.reached(storage.revision())
      assert.equal(last.events.length, 4)
      assert.equal(second.events.length, 3)
      assert.equal(history.events.length, 0)
      assert.deepEqual([second.errors, history.errors], [[], []])
    },
  )

  scenario('a watch of the future fails and never gets an older event', async (storage) => {
    const seen = recordWatch(storage, '/', storage.revision() + 5)
    await write(storage, '/a')
    await assert.rejects(seen.watch.reached(storage.revision() + 9))
    for (let i = 0; i < 10; i++) await write(storage, '/a')
    assert.equal(seen.events.length, 0)
    assert.ok(seen.errors[0] instanceof FutureRevisionError)
  })

  scenario('closing ends watches and refuses everything else', async (storage) => {
    const seen = recordWatch(storage, '/', storage.revision())
    const pending = write(storage, '/a')
    await storage.close()
    await pending
    assert.equal(seen.events.length, 1, 'a write that was accepted is finished and delivered')
    assert.ok(seen.errors[0] instanceof StorageClosedError)
    await assert.rejects(storage.get('/a'), StorageClosedError)
    await assert.rejects(storage.put('/a', bytes('x')), StorageClosedError)
    await assert.rejects(storage.compact(1), StorageClosedError)
    const late = recordWatch(storage, '/', storage.revision())
    await assert.rejects(late.watch.reached(storage.revision() + 1))
    assert.ok(late.errors[0] instanceof StorageClosedError)
  })
}

function compaction(scenario: Scenario): void {
  scenario('compaction refuses older states and keeps its own', async (storage) => {
    const old = await write(storage, '/a', '1')
    await write(storage, '/gone')
    const kept = await write(storage, '/a', '2')
    await remove(storage, '/gone')
    await write(storage, '/a', '3')
    await storage.compact(kept)
    assert.equal(storage.compactedRevision(), kept)
    await assert.rejects(storage.get('/a', { revision: old }), CompactedError)
    await assert.rejects(storage.list('/', { revision: old }), CompactedError)
    await assert.rejects(storage.compact(old), CompactedError)
    await assert.rejects(storage.compact(storage.revision() + 1), FutureRevisionError)
    await storage.compact(kept)
    await settled(storage)
    assert.equal(textOf(await storage.get('/a', { revision: kept })), '2')
    assert.equal(textOf(await storage.get('/gone', { revision: kept })), '/gone')
    const { items } = await storage.list('/', { revision: kept })
    assert.deepEqual(items.map(textOf), ['2', '/gone'])
    assert.equal(textOf(await storage.get('/a')), '3')
  })

  scenario('watches of all ages around a compaction lose and double nothing', async (storage) => {
    const start = storage.revision()
    for (let i = 0; i < 40; i++) await write(storage, `/k/${i % 5}`, `${i}`)
    const deletedAt = await remove(storage, '/k/0')
    const live = recordWatch(storage, '/k/', storage.revision())
    const tooOld = recordWatch(storage, '/k/', deletedAt - 2)
    const before = recordWatch(storage, '/k/', deletedAt - 1)
    await before.watch.reached(deletedAt)
    await storage.compact(deletedAt)
    const at = recordWatch(storage, '/k/', deletedAt)
    const late = recordWatch(storage, '/k/', deletedAt - 1)
    for (let i = 0; i < 20; i++) await write(storage, `/k/${i % 5}`, `${i + 40}`)
    await Promise.all([live, at, before].map(({ watch }) => watch.reached(storage.revision())))
    const revisions = ({ events }: typeof at) => events.map(({ modRevision }) => modRevision)
    const expected = Array.from({ length: 20 }, (_, i) => deletedAt + 1 + i)
    assert.deepEqual(revisions(live), expected)
    assert.deepEqual(revisions(at), expected)
    assert.deepEqual(revisions(before), [deletedAt, ...expected], 'the deletion itself too')
    assert.equal(before.events[0]?.type, 'DELETE')
    assert.deepEqual(revisions(late), [])
    assert.ok(late.errors[0] instanceof CompactedError)
    assert.equal((late.errors[0] as CompactedError).compactedRevision, deletedAt)
    assert.equal(tooOld.events[0]?.modRevision, deletedAt - 1)
    assert.ok(start < deletedAt)
  })

  scenario('a slow replay that compaction overtakes ends, without a gap', async (storage) => {
    const start = storage.revision()
    const writing = Array.from({ length: 3000 }, (_, i) => write(storage, `/s/${i % 7}`))
    await Promise.all(writing)
    const slow = recordWatch(storage, '/s/', start)
    await storage.compact(storage.revision())
    await settled(storage)
    if (slow.errors.length === 0) await slow.watch.reached(storage.revision()).catch(() => {})
    const revisions = slow.events.map(({ modRevision }) => modRevision)
    assert.deepEqual(
      revisions,
      Array.from({ length: revisions.length }, (_, i) => start + 1 + i),
    )
    const isComplete = revisions.length === 3000
    assert.ok(isComplete || slow.errors[0] instanceof CompactedError)
  })
}

function expiry(scenario: Scenario): void {
  scenario('a key with a time to live goes when it has passed', async (storage, clock) => {
    const put = (key: string, ttlSeconds?: number) => storage.put(key, bytes('x'), { ttlSeconds })
    await put('/soon', 60)
    await put('/renewed', 60)
    await put('/kept', 60)
    await put('/later', 120)
    await put('/for ever')
    const seen = recordWatch(storage, '/', storage.revision())
    const keys = async () => (await storage.list('/')).items.map(({ key }) => key)
    await clock.advance(50_000)
    await put('/renewed', 60)
    await put('/kept')
    await clock.advance(9000)
    assert.equal((await keys()).length, 5)
    await clock.advance(2000)
    await seen.watch.reached(9)
    assert.deepEqual(await keys(), ['/for ever', '/kept', '/later', '/renewed'])
    await clock.advance(50_000)
    await seen.watch.reached(10)
    await clock.advance(11_000)
    await seen.watch.reached(11)
    assert.deepEqual(await keys(), ['/for ever', '/kept'])
    const deleted = seen.events.filter(({ type }) => type === 'DELETE').map(({ key }) => key)
    assert.deepEqual(deleted, ['/soon', '/renewed', '/later'])
    await clock.advance(1000)
    assert.equal(clock.pendingTimers, 0)
  })

  scenario('closing lets go of the timer', async (storage, clock) => {
    await storage.put('/a', bytes('x'), { ttlSeconds: 60 })
    assert.equal(clock.pendingTimers, 1)
    await storage.close()
    assert.equal(clock.pendingTimers, 0)
  })
}

/** Lets the steps of a compaction and of replays pass. */
async function settled(storage: Storage): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await storage.put('/settling', bytes(String(i)))
    await new Promise((resolve) => setImmediate(resolve))
  }
}
