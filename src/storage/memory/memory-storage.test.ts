import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordWatch } from '../../../test/support/storage-recorder.ts'
import { remove, write } from '../../../test/support/storage-suite/scenario.ts'
import { storageSuite } from '../../../test/support/storage-suite/storage-suite.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { CompactedError, FutureRevisionError, type Storage } from '../storage.ts'
import { MemoryStorage } from './memory-storage.ts'

const clock = new VirtualClock()

storageSuite('memory', async (t, clock) => {
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  t.after(() => storage.close())
  return storage
})

async function contentOf(storage: Storage, revision?: number): Promise<Record<string, string>> {
  const { items } = await storage.list('', { revision })
  return Object.fromEntries(items.map(({ key, value }) => [key, Buffer.from(value).toString()]))
}

test('a fork and its origin never see each other again', async () => {
  const origin = MemoryStorage.create({ clock, logger: silentLogger })
  for (let i = 0; i < 300; i++) await write(origin, `/k/${i % 100}`, `${i}`)
  const revision = origin.revision()
  const before = await contentOf(origin)
  const watch = recordWatch(origin, '', revision)
  const fork = origin.fork()
  assert.equal(fork.revision(), revision)
  assert.deepEqual(await contentOf(fork), before)

  await write(fork, '/k/1', 'fork')
  await remove(fork, '/k/2')
  assert.deepEqual(await contentOf(origin), before)
  assert.equal(watch.events.length, 0)
  await write(origin, '/k/3', 'origin')
  await write(origin, '/new', 'origin')
  const second = fork.fork()
  await write(second, '/k/1', 'second')

  assert.deepEqual(await contentOf(origin), { ...before, '/k/3': 'origin', '/new': 'origin' })
  const { '/k/2': _, ...rest } = before
  assert.deepEqual(await contentOf(fork), { ...rest, '/k/1': 'fork' })
  assert.deepEqual(await contentOf(second), { ...rest, '/k/1': 'second' })
  const history = recordWatch(second, '', 1)
  await history.watch.reached(second.revision())
  assert.equal(history.events.length, 303)
})

test('a fork of an older revision is that moment, with its history', async () => {
  const origin = MemoryStorage.create({ clock, logger: silentLogger })
  await write(origin, '/a', '1')
  await write(origin, '/b', '1')
  const then = await write(origin, '/a', '2')
  await remove(origin, '/b')
  await write(origin, '/c', '1')
  for (let i = 0; i < 2000; i++) await write(origin, '/busy', `${i}`)
  const fork = origin.fork(then)
  assert.equal(fork.revision(), then)
  assert.deepEqual(await contentOf(fork), { '/a': '2', '/b': '1' })
  assert.equal(await fork.count(''), 2)
  assert.deepEqual(await contentOf(fork, then - 2), { '/a': '1' })
  assert.equal(await write(fork, '/d', 'x'), then + 1)
  assert.equal(await origin.count(''), 3)
  assert.throws(() => origin.fork(origin.revision() + 1), FutureRevisionError)
})

test('compacting one leaves the history of the other', async () => {
  const origin = MemoryStorage.create({ clock, logger: silentLogger })
  for (let i = 0; i < 3000; i++) await write(origin, `/k/${i % 10}`, `${i}`)
  const fork = origin.fork()
  for (let i = 0; i < 100; i++) await write(origin, `/k/${i % 10}`, `late ${i}`)
  const lost = await contentOf(fork, 20)
  await origin.compact(origin.revision())
  assert.deepEqual(await contentOf(fork, 20), lost)
  await assert.rejects(origin.get('/k/1', { revision: 20 }), CompactedError)
  assert.throws(() => origin.fork(20), CompactedError)
  await fork.compact(fork.revision())
  assert.equal((await contentOf(origin))['/k/3'], 'late 93')
  assert.equal((await contentOf(fork))['/k/3'], '2993')
})

test('forking does not depend on the size', async () => {
  const origin = MemoryStorage.create({ clock, logger: silentLogger })
  for (let i = 0; i < 50_000; i++) await origin.put(`/k/${i}`, Buffer.from('x'))
  const started = process.cpuUsage()
  const forks = Array.from({ length: 1000 }, () => origin.fork())
  const ms = process.cpuUsage(started).user / 1000
  assert.equal(forks.length, 1000)
  assert.ok(ms < 250, `1000 forks took ${ms} ms`)
})
