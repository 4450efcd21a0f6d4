import { assert } from '../base/assert.ts'
import { aborted, type Component } from '../base/lifetime.ts'
import type { Tracer } from '../base/tracing/tracer.ts'
import { builtInKinds } from '../kinds/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { Compactor } from '../storage/compactor.ts'
import { EtcdCompactor } from '../storage/etcd/etcd-compactor.ts'
import { LmdbStorage } from '../storage/lmdb/lmdb-storage.ts'
import { MemoryStorage } from '../storage/memory/memory-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { PrefixedStorage } from '../storage/wrapping/prefixed-storage.ts'
import type { EtcdChoice, ServerOptions } from './cluster-options.ts'
import type { Egress } from './egress/open-egress.ts'
import { etcdIdOf, kindsElsewhere, parseEtcdOverrides } from './etcd-overrides.ts'
import { openEtcd } from './open-etcd.ts'
import { durationOf } from './serving-flags.ts'
import { clusterPlaces } from './store-places.ts'

/** As upstream's API server tells etcd. */
const KEEP_HISTORY_MS = 5 * 60_000
const COMPACTION_INTERVAL_MS = 60_000

/** Stores beside that of a server, each with revisions of its own. */
export interface OtherStores {
  readonly storages: readonly Storage[]
  readonly byKind: ReadonlyMap<Kind, Storage>
}

interface TracedOptions extends ServerOptions {
  readonly tracer: Tracer | undefined
  readonly egress: Egress
}

export const NO_OTHER_STORES: OtherStores = { storages: [], byKind: new Map() }

export interface OpenedStorage {
  /** The engine, in a word or two. */
  readonly engine: string
  readonly storage: Storage
  /** Stores of certain kinds beside it. */
  readonly others: OtherStores
  /** Forgets old states, in all of them. */
  readonly compactor: Component
}

/** The store that the options ask for. */
export async function openStorage(
  options: ServerOptions,
  egress: Egress,
  tracer?: Tracer,
): Promise<OpenedStorage> {
  const { inMemory, dataDirectory, files, clock, logger, etcd } = options
  if (etcd !== undefined) return openSharedStorage(etcd, { ...options, egress, tracer })
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
  return { engine, storage, others: NO_OTHER_STORES, compactor }
}

function placed(storage: Storage, prefix: string | undefined): Storage {
  const places = clusterPlaces(prefix)
  if (places.every(({ here, below }) => here === below)) return storage
  return new PrefixedStorage(
    storage,
    places.map(({ here, below }) => [here, below]),
  )
}

async function openSharedStorage(etcd: EtcdChoice, options: TracedOptions): Promise<OpenedStorage> {
  if (options.inMemory) throw new Error('the state is either kept in memory or in etcd')
  const { overrides = '' } = etcd
  const given = overrides === '' ? [] : parseEtcdOverrides(overrides)
  const servers = [
    etcd.servers,
    ...new Map(given.map((one) => [etcdIdOf(one.servers), one])).keys(),
  ]
  const opened = await openAll(servers, etcd, options)
  const [storage, ...others] = opened
  assert(storage !== undefined, 'there is one etcd at least')
  const byId = new Map(servers.slice(1).map((id, index) => [id, others[index] ?? storage]))
  const kinds = [...kindsElsewhere(given, builtInKinds)]
  const byKind = new Map(
    kinds.map(([kind, urls]) => [kind, byId.get(etcdIdOf(urls)) ?? storage] as const),
  )
  const elsewhere = kinds.map(([{ plural }, urls]) => `, ${plural} at ${urls}`)
  return {
    engine: `etcd at ${etcd.servers}${elsewhere.join('')}`,
    storage,
    others: { storages: others, byKind },
    compactor: compactorOf(opened, options),
  }
}

/** All of them or none. */
async function openAll(
  servers: readonly string[],
  etcd: EtcdChoice,
  options: TracedOptions,
): Promise<readonly Storage[]> {
  const opening = servers.map(async (urls) =>
    placed(await openEtcd({ ...etcd, servers: urls }, options), etcd.prefix),
  )
  const outcomes = await Promise.allSettled(opening)
  const opened = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = outcomes.find((one) => one.status === 'rejected')
  if (failed === undefined) return opened
  await Promise.all(opened.map((storage) => storage.close()))
  throw failed.reason
}

/** As upstream, each etcd is compacted by itself: their revisions have nothing in common. */
function compactorOf(
  storages: readonly Storage[],
  { clock, logger, serving }: ServerOptions,
): Component {
  const intervalMs =
    durationOf('etcd-compaction-interval', serving?.etcdCompactionInterval) ?? KEEP_HISTORY_MS
  if (intervalMs <= 0) return { name: 'no compaction', run: aborted }
  const compactors = storages.map(
    (storage) => new EtcdCompactor({ storage, clock, logger, intervalMs }),
  )
  return {
    name: 'compaction',
    run: async (signal) => {
      await Promise.all(compactors.map((compactor) => compactor.run(signal)))
    },
  }
}
