import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { silentLogger } from '../../base/logger.ts'
import { LmdbStorage } from './lmdb-storage.ts'

test('a store says what it takes on disk', async () => {
  using directory = temporaryDirectory()
  const storage = await LmdbStorage.open({
    directory: directory.path,
    processId: process.pid,
    files: systemFileSystem,
    clock: new VirtualClock(),
    logger: silentLogger,
  })
  try {
    const before = await storage.sizeBytes()
    const value = Buffer.alloc(100_000, 'x')
    await Promise.all(Array.from({ length: 20 }, (_, at) => storage.put(`/a/${at}`, value)))
    const after = await storage.sizeBytes()
    assert.ok(after - before >= 2_000_000, `${before} and ${after}`)
    assert.equal(statSync(join(directory.path, 'store/data.mdb')).size, after)
  } finally {
    await storage.close()
  }
})
