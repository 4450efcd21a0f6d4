import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { open as openLmdb } from 'lmdb'
import { recordWatch } from '../../../test/support/storage-recorder.ts'
import { remove, write } from '../../../test/support/storage-suite/scenario.ts'
import { storageSuite } from '../../../test/support/storage-suite/storage-suite.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { silentLogger } from '../../base/logger.ts'
import { CompactedError, type Storage } from '../storage.ts'
import { LmdbStorage } from './lmdb-storage.ts'
import { DirectoryInUseError } from './owner.ts'

function openAt(directory: string, clock = new VirtualClock()): Promise<LmdbStorage> {
  return LmdbStorage.open({
    directory,
    processId: process.pid,
    files: systemFileSystem,
    clock,
    logger: silentLogger,
  })
}

/** A directory, and a way to open it again and again; the last is closed after the test. */
function reopening(
  t: TestContext,
  clock = new VirtualClock(),
): { path: string; open(): Promise<LmdbStorage> } {
  const directory = temporaryDirectory()
  let storage: LmdbStorage | undefined
  t.after(async () => {
    await storage?.close()
    directory[Symbol.dispose]()
  })
  return {
    path: directory.path,
    async open() {
      await storage?.close()
      storage = await openAt(directory.path, clock)
      return storage
    },
  }
}

storageSuite('lmdb', (t, clock) => reopening(t, clock).open())

async function statesOf(storage: Storage): Promise<unknown[]> {
  const states: unknown[] = []
  for (let at = storage.compactedRevision(); at <= storage.revision(); at++) {
    states.push(await storage.list('', { revision: at }))
  }
  return states
}

test('a restart changes nothing that can be read or watched', async (t) => {
  const { open } = reopening(t)
  let storage = await open()
  for (let i = 0; i < 60; i++) {
    await write(storage, `/k/${i % 7}`, `${i}`)
    if (i % 5 === 0) await remove(storage, `/k/${i % 7}`)
  }
  for (const compacted of [0, 20, 47]) {
    await storage.compact(compacted)
    const revision = storage.revision()
    const states = await statesOf(storage)
    storage = await open()
    assert.equal(storage.revision(), revision)
    assert.equal(storage.compactedRevision(), compacted)
    assert.deepEqual(await statesOf(storage), states)
    const replayed = recordWatch(storage, '', compacted === 0 ? 1 : compacted)
    await replayed.watch.reached(revision)
    assert.equal(replayed.events.length, revision - Math.max(1, compacted))
    await assert.rejects(storage.get('/k/1', { revision: compacted - 1 }), CompactedError)
  }
  assert.equal(await write(storage, '/next'), storage.revision())
})

test('keys expire across a restart, by the time of their write', async (t) => {
  const clock = new VirtualClock()
  const { open } = reopening(t, clock)
  let storage = await open()
  await storage.put('/hour', Buffer.from('x'), { ttlSeconds: 3600 })
  await storage.put('/minute', Buffer.from('x'), { ttlSeconds: 60 })
  await storage.compact(storage.revision())
  storage = await open()
  await clock.advance(1000)
  assert.equal(await storage.count(''), 2)
  await storage.close()
  await clock.advance(600_000)
  storage = await open()
  const seen = recordWatch(storage, '', storage.revision())
  await clock.advance(2000)
  await seen.watch.reached(4)
  assert.deepEqual(
    seen.events.map(({ type, key }) => [type, key]),
    [['DELETE', '/minute']],
  )
  await storage.close()
  assert.equal(clock.pendingTimers, 0)
})

test('the revision survives when its own record is compacted away', async (t) => {
  const { open } = reopening(t)
  let storage = await open()
  await write(storage, '/a')
  const deletedAt = await remove(storage, '/a')
  await storage.compact(deletedAt)
  storage = await open()
  assert.equal(storage.revision(), deletedAt)
  storage = await open() // The second start has swept what the first left.
  assert.equal(storage.revision(), deletedAt)
  assert.equal(await storage.count(''), 0)
  assert.equal(await write(storage, '/a'), deletedAt + 1)
})

test('compaction frees the disk, also what a restart interrupted', async (t) => {
  const { open, path } = reopening(t)
  let storage = await open()
  const writing = Array.from({ length: 4000 }, (_, i) => write(storage, `/k/${i % 10}`))
  await Promise.all(writing)
  await storage.compact(storage.revision())
  storage = await open()
  const kept = (): number[] => {
    const root = openLmdb<unknown, string>(`${path}/store`, { overlappingSync: false })
    const records = root.openDB<unknown, number>('records', { encoding: 'binary' })
    return [...records.getKeys()]
  }
  for (let i = 0; i < 100 && kept().length > 110; i++) await write(storage, '/turn')
  const newest = (await storage.list('')).items.map(({ modRevision }) => modRevision)
  const since = kept().filter((revision) => revision > storage.compactedRevision())
  assert.ok(kept().length < 120, `${kept().length} records are left`)
  assert.ok(newest.every((revision) => kept().includes(revision)))
  assert.equal(since.length, storage.revision() - storage.compactedRevision())
})

test('a directory that is open is refused, and free again after the close', async (t) => {
  const { open, path } = reopening(t)
  await open()
  await assert.rejects(openAt(path), (error) => {
    assert.ok(error instanceof DirectoryInUseError)
    assert.match(error.message, new RegExp(`in use by process ${process.pid}`))
    return true
  })
  await assert.rejects(openAt(`${path}/../${path.split('/').at(-1)}`), DirectoryInUseError)
  const storage = await open()
  await write(storage, '/a')
})

test('a living process keeps the directory; a dead one or a reused number does not', async (t) => {
  const { open, path } = reopening(t)
  await (await open()).close()
  const setOwner = async (owner: string) => {
    const root = openLmdb<unknown, string>(`${path}/store`, { overlappingSync: false })
    await root.openDB<unknown, string>('meta', { encoding: 'json' }).put('owner', owner)
    await root.close()
  }
  const parent = await identity(process.ppid)
  await setOwner(parent)
  await assert.rejects(openAt(path), new RegExp(`in use by process ${process.ppid}`))
  await setOwner(parent.replace(/ \d+ /, ' 1234567890123 '))
  await (await open()).close()
  await setOwner('4194305 1 a-boot-before-this')
  await write(await open(), '/a')
})

async function identity(processId: number): Promise<string> {
  const read = async (path: string) =>
    Buffer.from(await systemFileSystem.readFile(path))
      .toString()
      .trim()
  const stat = await read(`/proc/${processId}/stat`)
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return `${processId} ${started} ${await read('/proc/sys/kernel/random/boot_id')}`
}

test('a hole in the history is found at the start, not served', async (t) => {
  const { open, path } = reopening(t)
  const storage = await open()
  for (let i = 0; i < 5; i++) await write(storage, '/a')
  await storage.close()
  const root = openLmdb<unknown, string>(`${path}/store`, { overlappingSync: false })
  await root.openDB<unknown, number>('records', { encoding: 'binary' }).remove(4)
  await root.close()
  await assert.rejects(open(), /damaged: revision 4 is missing/)
})

test('an empty store opens fast and is private', async (t) => {
  const { open, path } = reopening(t)
  const times: number[] = []
  for (let i = 0; i < 10; i++) {
    const started = process.hrtime.bigint()
    await (await open()).close()
    times.push(Number(process.hrtime.bigint() - started) / 1e6)
  }
  assert.ok(Math.min(...times) < 30, `opening took ${times.join(', ')} ms`)
  assert.deepEqual(readdirSync(path), ['store'])
  assert.equal((await systemFileSystem.stat(`${path}/store`))?.mode, 0o700)
})

test('a store may go on at a later revision, and what was before is compacted', async (t) => {
  const { open } = reopening(t)
  let storage = await open()
  for (let i = 0; i < 700; i++) await write(storage, `/k/${i % 5}`, `${i}`)
  await remove(storage, '/k/0')
  // A write of the same commit counts as one before it.
  await Promise.all([write(storage, '/k/late'), storage.advance(5000), storage.advance(4000)])
  assert.equal(storage.revision(), 5000)
  assert.equal(storage.compactedRevision(), 5000)
  await storage.advance(4500)
  assert.equal(storage.revision(), 5000)
  await assert.rejects(storage.list('', { revision: 701 }), CompactedError)
  const content = await storage.list('')
  assert.deepEqual(
    content.items.map(({ key, value }) => `${key}=${Buffer.from(value).toString()}`),
    ['/k/1=696', '/k/2=697', '/k/3=698', '/k/4=699', '/k/late=/k/late'],
  )
  storage = await open()
  assert.equal(storage.revision(), 5000)
  assert.deepEqual(await storage.list(''), content)
  const watch = recordWatch(storage, '', 5000)
  await write(storage, '/k/1', 'after')
  assert.deepEqual(
    watch.events.map(({ modRevision, previous }) => [modRevision, previous?.modRevision]),
    [[5001, 698]],
  )
  storage = await open()
  assert.deepEqual([storage.revision(), storage.compactedRevision()], [5001, 5000])
  assert.equal((await storage.list('')).items.length, 5)
})
