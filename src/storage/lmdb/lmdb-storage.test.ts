import { storageSuite } from '../../../test/support/storage-suite.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { silentLogger } from '../../base/logger.ts'
import { LmdbStorage } from './lmdb-storage.ts'

storageSuite('lmdb', async (t) => {
  const directory = temporaryDirectory()
  const storage = await LmdbStorage.open({
    directory: directory.path,
    processId: process.pid,
    files: systemFileSystem,
    logger: silentLogger,
  })
  t.after(async () => {
    await storage.close()
    directory[Symbol.dispose]()
  })
  return storage
})
