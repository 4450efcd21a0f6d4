import assert from 'node:assert/strict'
import { CompactedError, FutureRevisionError } from '../../../src/storage/storage.ts'
import { recordWatch } from '../storage-recorder.ts'
import { remove, type Scenario, settled, textOf, write, writeMany } from './scenario.ts'

/** What is refused and what is kept when history goes. */
export function compaction(scenario: Scenario): void {
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
  })

  scenario('a slow replay that compaction overtakes ends, without a gap', async (storage) => {
    const start = storage.revision()
    await writeMany(storage, 3000, (i) => `/s/${i % 7}`)
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
