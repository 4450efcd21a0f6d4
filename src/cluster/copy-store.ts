import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isBoundToKey } from '../apiserver/encryption/value-transformer.ts'
import type { FileSystem } from '../base/file-system.ts'
import {
  type CopyOptions,
  type CopyResult,
  copyStorage,
  type ExpiringStorage,
} from '../storage/copy-storage.ts'
import { LmdbStorage } from '../storage/lmdb/lmdb-storage.ts'
import type { EtcdChoice } from './cluster-options.ts'
import { type OpenEtcdPorts, openEtcd } from './open-etcd.ts'
import { clusterPlaces } from './store-places.ts'

export interface CopyStoreOptions extends OpenEtcdPorts {
  /** `lmdb:DATA-DIR`, or the URLs of an etcd. */
  readonly from: string
  readonly to: string
  /** The `--etcd-prefix` of the cluster that is meant, at each end; of no use with lmdb. */
  readonly fromPrefix?: string | undefined
  readonly toPrefix?: string | undefined
  readonly isForced: boolean
  /** The files for TLS with etcd. */
  readonly etcd: EtcdChoice | undefined
}

const LMDB = 'lmdb:'

/**
 * Copies the content of one store to another, each opened for as long as that takes: all of it, or,
 * where a prefix is given, one cluster's.
 */
export async function copyStore(options: CopyStoreOptions): Promise<CopyResult> {
  const { from, to, isForced, files } = options
  const places = placesOf(options)
  if (from === to && places === undefined) throw new Error('source and target are the same store')
  await requireSource(from, files)
  const source = await open(from, options)
  try {
    const target = await open(to, options)
    try {
      return await copyStorage({
        from: source,
        to: target,
        isForced,
        places,
        isBound: isBoundToKey,
      })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

function placesOf({ from, to, fromPrefix, toPrefix }: CopyStoreOptions): CopyOptions['places'] {
  if (fromPrefix === undefined && toPrefix === undefined) return undefined
  for (const [store, prefix] of [
    [from, fromPrefix],
    [to, toPrefix],
  ]) {
    if (prefix === undefined || store?.startsWith(LMDB) !== true) continue
    throw new Error(`${store} holds one cluster: it has no prefix`)
  }
  const places = { from: clusterPlaces(fromPrefix), to: clusterPlaces(toPrefix) }
  const isSamePlace = isDeepStrictEqual(places.from, places.to)
  if (from === to && isSamePlace) throw new Error('source and target are the same')
  return places
}

async function open(store: string, options: CopyStoreOptions): Promise<ExpiringStorage> {
  if (!store.startsWith(LMDB)) return openEtcd({ ...options.etcd, servers: store }, options)
  const { files, clock, logger } = options
  const directory = directoryOf(store)
  await files.mkdir(directory, 0o700)
  return LmdbStorage.open({ directory, processId: process.pid, files, clock, logger })
}

/** To open a store makes it: a mistyped source must not look like an empty one. */
async function requireSource(store: string, files: FileSystem): Promise<void> {
  if (!store.startsWith(LMDB)) return
  const directory = directoryOf(store)
  if ((await files.stat(join(directory, 'store'))) !== undefined) return
  throw new Error(`${directory} holds no store`)
}

function directoryOf(store: string): string {
  const path = store.slice(LMDB.length)
  if (path === '') throw new Error('lmdb: needs a directory, such as lmdb:/var/lib/wherry')
  return resolve(path)
}
