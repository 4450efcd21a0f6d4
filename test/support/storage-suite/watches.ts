import assert from 'node:assert/strict'
import { recordWatch } from '../storage-recorder.ts'
import { bytes, delivered, type Scenario, textOf, write, writeMany } from './scenario.ts'

const isTwo = ({ key }: { readonly key: string }) => key === '/w/2'

/** Which events a watch gets, and in which order. */
export function watches(scenario: Scenario): void {
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
    await writeMany(storage, 1503, (i) => `/h/${i}`)
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

/** When events come; told only of engines in this process. */
export function deliveries(scenario: Scenario): void {
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
