import { posix } from 'node:path'
import { aborted, type Component } from '../base/lifetime.ts'
import { Compactor } from '../storage/compactor.ts'
import { EtcdCompactor } from '../storage/etcd/etcd-compactor.ts'
import { LmdbStorage } from '../storage/lmdb/lmdb-storage.ts'
import { MemoryStorage } from '../storage/memory/memory-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { PrefixedStorage } from '../storage/wrapping/prefixed-storage.ts'
import type { EtcdChoice, ServerOptions } from './cluster-options.ts'
import { openEtcd } from './open-etcd.ts'
import { durationOf } from './serving-flags.ts'

/** As upstream's API server tells etcd. */
const KEEP_HISTORY_MS = 5 * 60_000
const COMPACTION_INTERVAL_MS = 60_000

/** Below which keys stand, and what this server notes beside them. */
const REGISTRY = '/registry/'
const MARKS = '/wherry/'

export interface OpenedStorage {
  /** The engine, in a word or two. */
  readonly engine: string
  readonly storage: Storage
  /** Forgets old states. */
  readonly compactor: Component
}

/** The store that the options ask for. */
export async function openStorage(options: ServerOptions): Promise<OpenedStorage> {
  const { inMemory, dataDirectory, files, clock, logger, etcd } = options
  if (etcd !== undefined) return openSharedStorage(etcd, options)
  if (inMemory || dataDirectory === undefined) {
    return embedded('in memory', MemoryStorage.create({ clock, logger }), options)
  }
  const storage = await LmdbStorage.open({
    directory: dataDirectory,
    processId: process.pid,
    ...{ files, clock, logger },
  })
  return embedded('lmdb', storage, options)
}

function embedded(
  engine: string,
  storage: Storage,
  { clock, logger }: ServerOptions,
): OpenedStorage {
  const compactor = new Compactor({
    ...{ storage, clock, logger },
    keepMs: KEEP_HISTORY_MS,
    intervalMs: COMPACTION_INTERVAL_MS,
  })
  return { engine, storage, compactor }
}

/** As upstream: a prefix is a path, however it is written. What compaction goes by is common. */
function placed(storage: Storage, prefix = REGISTRY): Storage {
  const path = posix.join('/', prefix, '/')
  if (path === REGISTRY) return storage
  return new PrefixedStorage(storage, [
    [REGISTRY, path],
    [MARKS, `${MARKS.slice(0, -1)}${path}`],
  ])
}

async function openSharedStorage(etcd: EtcdChoice, options: ServerOptions): Promise<OpenedStorage> {
  if (options.inMemory) throw new Error('the state is either kept in memory or in etcd')
  const { clock, logger } = options
  const storage = placed(await openEtcd(etcd, options), etcd.prefix)
  const flag = options.serving?.etcdCompactionInterval
  const intervalMs = durationOf('etcd-compaction-interval', flag) ?? KEEP_HISTORY_MS
  const compactor =
    intervalMs > 0
      ? new EtcdCompactor({ storage, clock, logger, intervalMs })
      : { name: 'no compaction', run: aborted }
  return { engine: `etcd at ${etcd.servers}`, storage, compactor }
}
