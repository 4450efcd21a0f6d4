import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordWatch } from '../../../test/support/storage-recorder.ts'
import { checkAgainstModel } from '../../../test/support/storage-simulation.ts'
import { write } from '../../../test/support/storage-suite/scenario.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { createLogger, silentLogger } from '../../base/logger.ts'
import { LmdbStorage } from './lmdb-storage.ts'
import type { RevisionRecord } from './record.ts'
import { restoreIndex } from './restore-index.ts'
import type { Log, LogBatch } from './revision-log.ts'

/** A disk in memory, that can be slow and full. Commits are whole or nothing, as LMDB's are. */
class FakeLog implements Log {
  state = { revision: 1, compactedRevision: 0 }
  readonly batches: LogBatch[] = []
  fails: (batch: LogBatch) => boolean = () => false
  isCommitting = false
  readonly #records = new Map<number, RevisionRecord>()
  readonly #values = new Map<number, Uint8Array>()

  sizeBytes(): number {
    return [...this.#values.values()].reduce((sum, { length }) => sum + length, 0)
  }

  records(): [number, RevisionRecord][] {
    return [...this.#records].toSorted(([a], [b]) => a - b)
  }

  async commit(batch: LogBatch): Promise<void> {
    assert.equal(this.isCommitting, false, 'one commit at a time')
    this.isCommitting = true
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    this.isCommitting = false
    if (this.fails(batch)) throw new Error('no space left on device')
    this.batches.push(batch)
    for (const { version, value } of batch.writes) {
      assert.equal(version.modRevision <= batch.state.revision, true)
      this.#records.set(version.modRevision, version)
      if (value !== undefined) this.#values.set(version.modRevision, value)
    }
    for (const revision of batch.swept) {
      this.#records.delete(revision)
      this.#values.delete(revision)
    }
    this.state = batch.state
  }

  read(revision: number): Uint8Array {
    const value = this.#values.get(revision)
    assert.ok(value, `the value of ${revision} is stored`)
    return value
  }

  snapshot(): Disposable & { read(revision: number): Uint8Array } {
    const values = new Map(this.#values)
    return { read: (revision) => values.get(revision) as Uint8Array, [Symbol.dispose]: () => {} }
  }

  async close(): Promise<void> {}
}

const storageOn = (log: FakeLog) =>
  new LmdbStorage(log, restoreIndex(log), new VirtualClock(), silentLogger)

test('all who write in one turn share a commit; who comes meanwhile, the next', async () => {
  const log = new FakeLog()
  const storage = storageOn(log)
  const first = Array.from({ length: 100 }, (_, i) => write(storage, `/a/${i}`))
  await new Promise((resolve) => setImmediate(resolve))
  const second = Array.from({ length: 50 }, (_, i) => write(storage, `/b/${i}`))
  await Promise.all([...first, ...second])
  assert.deepEqual(
    log.batches.map(({ writes }) => writes.length),
    [100, 50],
  )
  await storage.close()
})

test('a failed commit fails its writers, leaves no trace, and stops no later one', async () => {
  const log = new FakeLog()
  const storage = storageOn(log)
  const revision = await write(storage, '/a', 'old')
  const seen = recordWatch(storage, '', revision)
  log.fails = () => true
  const outcomes = await Promise.allSettled([
    storage.put('/a', Buffer.from('lost'), { expectedModRevision: revision }),
    storage.put('/b', Buffer.from('lost'), { expectedModRevision: 0 }),
    storage.put('/b', Buffer.from('lost too'), { expectedModRevision: 0 }),
    storage.delete('/a', { expectedModRevision: revision }),
    storage.compact(revision),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    Array.from({ length: 5 }, () => 'rejected'),
    'conflicts with writes that were lost are lost too',
  )
  assert.equal(storage.revision(), revision)
  assert.equal(storage.compactedRevision(), 0)
  assert.equal(await storage.get('/b'), undefined)
  assert.equal(seen.events.length, 0)

  log.fails = () => false
  const swap = await storage.put('/a', Buffer.from('new'), { expectedModRevision: revision })
  assert.equal(swap.code, 'Done')
  assert.equal(await write(storage, '/b', 'new'), revision + 2)
  assert.deepEqual(
    seen.events.map(({ key }) => key),
    ['/a', '/b'],
  )
  const { index } = restoreIndex(log)
  assert.equal(index.revision, revision + 2)
  await storage.close()
})

test('what compaction drops waits while the disk is full', async () => {
  const log = new FakeLog()
  const storage = storageOn(log)
  for (let i = 0; i < 2000; i++) storage.put('/a', Buffer.from(`${i}`))
  await write(storage, '/a')
  await storage.compact(storage.revision())
  log.fails = ({ swept }) => swept.length > 0
  for (let i = 0; i < 6; i++) await write(storage, `/b/${i}`).catch(() => {})
  assert.ok((await storage.count('/b/')) >= 3, 'writes go on without the sweep')
  log.fails = () => false
  for (let i = 0; i < 40; i++) await write(storage, '/c')
  assert.ok(log.records().length < 60, `${log.records().length} records are left`)
  assert.ok(log.batches.every(({ swept }) => swept.length <= 256))
  await storage.close()
})

test('a disk that takes nothing is told once, and again when it does', async () => {
  const log = new FakeLog()
  const told: string[] = []
  const logger = createLogger((level, message) => void told.push(`${level}: ${message}`))
  const storage = new LmdbStorage(log, restoreIndex(log), new VirtualClock(), logger)
  await write(storage, '/a')
  assert.equal(storage.writeFailure(), undefined)
  log.fails = () => true
  for (let i = 0; i < 5; i++) await assert.rejects(write(storage, '/b'), /no space left/)
  assert.match(String(storage.writeFailure()), /no space left on device/)
  // What needs no disk proves nothing of it.
  const conflict = await storage.put('/a', Buffer.from('x'), { expectedModRevision: 77 })
  assert.equal(conflict.code, 'Conflict')
  assert.notEqual(storage.writeFailure(), undefined)
  log.fails = () => false
  await write(storage, '/b')
  assert.equal(storage.writeFailure(), undefined)
  assert.deepEqual(told, ['error: a commit failed', 'info: commits succeed again'])
  await storage.close()
})

test('a list that takes many turns reads what is dropped meanwhile', async () => {
  const log = new FakeLog()
  const storage = storageOn(log)
  // The oldest values, which are dropped first, are listed last.
  const keys = Array.from({ length: 12_000 }, (_, i) => `/l/${99_999 - i}`)
  await Promise.all(keys.map((key) => write(storage, key, 'old')))
  const revision = storage.revision()
  await Promise.all(keys.map((key) => write(storage, key, 'new')))
  const listing = storage.list('/l/', { revision })
  await storage.compact(storage.revision())
  const { items } = await listing
  assert.equal(items.length, keys.length)
  assert.ok(items.every(({ value }) => Buffer.from(value).toString() === 'old'))
  assert.ok(
    log.batches.some(({ swept }) => swept.length > 0),
    'there was a race',
  )
  await storage.close()
})

test('conflicts alone do not touch the disk', async () => {
  const log = new FakeLog()
  const storage = storageOn(log)
  await write(storage, '/a')
  await storage.put('/a', Buffer.from('x'), { expectedModRevision: 0 })
  await storage.delete('/no')
  assert.equal(log.batches.length, 1)
  await storage.close()
})

for (let seed = 1; seed <= 20; seed++) {
  test(`a start after any commit finds that moment, seed ${seed}`, async () => {
    const log = new FakeLog()
    const storage = storageOn(log)
    await checkAgainstModel(storage, seed)
    await storage.close()
    const last = storageOn(log)
    let revision = 1
    for (let cut = 0; cut <= log.batches.length; cut += 3) {
      const crashed = new FakeLog()
      for (const batch of log.batches.slice(0, cut)) await crashed.commit(batch)
      const restarted = storageOn(crashed)
      assert.ok(restarted.revision() >= revision, 'the revision never decreases')
      revision = restarted.revision()
      const since = Math.max(last.compactedRevision(), restarted.compactedRevision())
      for (let at = since; at <= revision; at++) {
        const expected = await last.list('', { revision: at })
        assert.deepEqual(await restarted.list('', { revision: at }), expected)
      }
      await restarted.close()
    }
    await last.close()
  })
}
