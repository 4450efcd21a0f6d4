import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { type FileSystem, systemFileSystem } from '../../base/file-system.ts'
import { silentLogger } from '../../base/logger.ts'
import { FreeSpace } from './free-space.ts'
import { LmdbStorage } from './lmdb-storage.ts'

const MEBIBYTE = 1024 * 1024

function spaceOf(free: () => Promise<number>) {
  const clock = new VirtualClock()
  let asked = 0
  const freeBytes = () => {
    asked++
    return free()
  }
  const space = new FreeSpace({ directory: '/d', freeBytes, clock })
  return { clock, asked: () => asked, take: (bytes: number) => space.take(batchOf(bytes)) }
}

function batchOf(bytes: number) {
  const version = {} as never
  const writes = [{ version, value: new Uint8Array(bytes) }]
  return { writes, swept: [], state: { revision: 1, compactedRevision: 0 } }
}

test('the disk is asked at most ten times a second as long as there is room', async () => {
  const { clock, asked, take } = spaceOf(async () => 10 * MEBIBYTE)
  await take(1)
  for (let i = 0; i < 5; i++) assert.equal(take(1), undefined)
  assert.equal(asked(), 1)
  await clock.advance(100)
  await take(1)
  assert.equal(asked(), 2)
  await take(5 * MEBIBYTE)
  assert.ok(take(MEBIBYTE) !== undefined, 'what was taken is not there any more')
})

test('no commit waits for the answer of a disk that had plenty of room lately', async () => {
  let free = 5 * 1024 * MEBIBYTE
  const { clock, asked, take } = spaceOf(async () => free)
  await take(1)
  free = 0
  await clock.advance(200)
  assert.equal(take(1), undefined)
  assert.equal(asked(), 2)
  await clock.advance(0)
  await assert.rejects(async () => take(1), /No space left/)
  free = 5 * 1024 * MEBIBYTE
  await take(1)
  await clock.advance(10_000)
  assert.ok(take(1) !== undefined, 'what was long ago says nothing')
})

test('what does not fit beside the reserve is refused, what fits is not', async () => {
  let free = 5 * MEBIBYTE
  const { take } = spaceOf(async () => free)
  await assert.rejects(async () => take(MEBIBYTE), /^Error: No space left on device$/)
  await take(MEBIBYTE / 2)
  free = 100 * MEBIBYTE
  await take(MEBIBYTE)
})

test('a disk that does not say what is free is written to', async () => {
  const { take } = spaceOf(() => Promise.reject(new Error('not supported')))
  await take(MEBIBYTE)
})

test('a store on a full disk refuses writes before they begin, and goes on with room', async () => {
  using folder = temporaryDirectory()
  let free = 0
  const files: FileSystem = { ...systemFileSystem, freeBytes: async () => free }
  const clock = new VirtualClock()
  const about = { directory: folder.path, processId: process.pid, files, clock }
  const storage = await LmdbStorage.open({ ...about, logger: silentLogger })
  const put = () => storage.put('/a', Buffer.from('x'))
  await assert.rejects(put, /^StorageWriteError: writing to the store$/)
  assert.match(String((storage.writeFailure() as Error).cause), /No space left on device/)
  assert.equal(await storage.get('/a'), undefined)
  free = 8 * MEBIBYTE
  assert.equal((await put()).code, 'Done')
  assert.equal(storage.writeFailure(), undefined)
  await storage.close()
})

const skip = process.platform !== 'linux' && 'there is no /proc'
test('a file system without an account of its blocks has room', { skip }, async () => {
  // /proc has none.
  assert.equal(await systemFileSystem.freeBytes('/proc'), Number.POSITIVE_INFINITY)
  const free = await systemFileSystem.freeBytes('/')
  assert.ok(free >= 0 && Number.isFinite(free))
})
