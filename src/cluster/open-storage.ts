import { LmdbStorage } from '../storage/lmdb/lmdb-storage.ts'
import { MemoryStorage } from '../storage/memory/memory-storage.ts'
import type { Storage } from '../storage/storage.ts'
import type { ClusterOptions } from './cluster-options.ts'

/** The engine that the options ask for, in a word, and the store itself. */
export async function openStorage(
  options: ClusterOptions,
): Promise<{ readonly engine: string; readonly storage: Storage }> {
  const { inMemory, dataDirectory, files, clock, logger } = options
  if (inMemory || dataDirectory === undefined) {
    return { engine: 'in memory', storage: MemoryStorage.create({ clock, logger }) }
  }
  const storage = await LmdbStorage.open({
    directory: dataDirectory,
    processId: process.pid,
    ...{ files, clock, logger },
  })
  return { engine: 'lmdb', storage }
}
