import { Counter, Gauge, type Registry } from 'prom-client'
import { formatResource } from '../../machinery/status-error.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { WINDOW } from '../registry/resource-cache.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import type { ListCounts, OperationCounts } from '../registry/store-statistics.ts'
import { CollectedHistogram, type DistributionValues, type Labels } from './metric-series.ts'

type Metric = Omit<ConstructorParameters<typeof Gauge>[0], 'labelNames'>
/** A value with the labels that it has beside those of its resource. */
type Value = readonly [number, Labels?]

/** Of each resource, by its group and plural. */
const GAUGES: readonly (Metric & { readonly of: (store: ObjectStore) => number })[] = [
  {
    name: 'apiserver_resource_objects',
    help: 'Stored objects, by resource.',
    of: ({ cache }) => cache.size,
  },
  {
    name: 'apiserver_resource_size_estimate_bytes',
    help: 'What the objects of a resource take as they are stored.',
    of: ({ cache }) => cache.storedBytes,
  },
  {
    name: 'apiserver_watch_cache_resource_version',
    help: 'The newest revision that the cache of a resource has seen.',
    of: ({ cache }) => cache.revision,
  },
  {
    name: 'watch_cache_capacity',
    help: 'Changes of a resource that are kept at hand for watches, at least.',
    of: () => WINDOW.events,
  },
]

/** Of each resource: what its store has counted. */
const COUNTERS: readonly (Metric & {
  readonly more?: readonly string[]
  readonly of: (store: ObjectStore) => readonly Value[]
})[] = [
  {
    name: 'apiserver_storage_events_received_total',
    help: 'Changes that the store has told of.',
    of: ({ statistics }) => [[statistics.eventsReceived]],
  },
  {
    name: 'apiserver_watch_cache_events_received_total',
    help: 'Changes that the cache of a resource was told of.',
    of: ({ statistics }) => [[statistics.eventsReceived]],
  },
  {
    name: 'apiserver_watch_cache_events_dispatched_total',
    help: 'Changes that the cache of a resource has told its watches of.',
    of: ({ statistics }) => [[statistics.eventsReceived]],
  },
  {
    name: 'apiserver_watch_cache_initializations_total',
    help: 'How often the cache of a resource was filled from the store.',
    of: ({ statistics }) => [[statistics.initializations]],
  },
  {
    name: 'apiserver_init_events_total',
    help: 'Objects that watches were sent to begin with.',
    of: ({ statistics }) => [[statistics.initialEvents]],
  },
  {
    name: 'apiserver_terminated_watchers_total',
    help: 'Watches that were ended since their clients were too slow.',
    of: ({ statistics }) => [[statistics.terminatedWatchers]],
  },
  {
    name: 'apiserver_storage_decode_errors_total',
    help: 'Stored values that could not be read.',
    of: ({ statistics }) => [[statistics.decodeErrors]],
  },
  {
    name: 'apiserver_watch_cache_consistent_read_total',
    help: 'Lists of the newest state that were answered from the cache.',
    more: ['success', 'fallback'],
    of: ({ statistics }) => [[statistics.consistentReads, { success: 'true', fallback: 'false' }]],
  },
  ...(['lists', 'fetched', 'returned'] as const).map((sort) => ({
    name: `apiserver_cache_list_${nameOf(sort)}total`,
    help: `What lists from the cache have come to: ${sort}.`,
    more: sort === 'returned' ? [] : ['index'],
    of: ({ statistics }: ObjectStore) => listsOf(statistics.cacheLists, sort),
  })),
  ...(['lists', 'fetched', 'evaluated', 'returned'] as const).map((sort) => ({
    name: `apiserver_storage_list_${nameOf(sort)}total`,
    help: `What lists from the store have come to: ${sort}.`,
    of: ({ statistics }: ObjectStore): readonly Value[] => [
      [statistics.storageLists[sort === 'evaluated' ? 'fetched' : sort]],
    ],
  })),
  {
    name: 'etcd_requests_total',
    help: 'Requests to the store, whichever it is, by operation.',
    more: ['operation'],
    of: (store) => operationsOf(store, ({ total }) => total),
  },
  {
    name: 'etcd_request_errors_total',
    help: 'Requests that the store did not answer, by operation.',
    more: ['operation'],
    of: (store) => operationsOf(store, ({ errors }) => errors).filter(([errors]) => errors > 0),
  },
]

/**
 * What the stores take on disk, how many objects of each resource there are, how far its cache has
 * come, and what both were asked for.
 */
export function addStorageMetrics(
  registry: Registry,
  resources: ResourceTable,
  storages: readonly Pick<Storage, 'sizeBytes'>[],
): void {
  const registers = [registry]
  if (storages.some(({ sizeBytes }) => sizeBytes !== undefined)) addSizes(registry, storages)
  /** Each store once, though it may serve several versions; none that nobody has asked yet. */
  const loaded = () =>
    new Set(resources.all().flatMap(({ store }) => (store.cache.revision > 0 ? [store] : [])))
  for (const { of, ...metric } of GAUGES) {
    new Gauge({
      ...{ ...metric, registers, labelNames: ['group', 'resource'] },
      collect() {
        this.reset()
        for (const store of loaded()) this.set(labelsOf(store), of(store))
      },
    })
  }
  for (const { of, more = [], ...metric } of COUNTERS) {
    new Counter({
      ...{ ...metric, registers, labelNames: ['group', 'resource', ...more] },
      collect() {
        this.reset()
        for (const store of loaded()) {
          for (const [value, labels] of of(store))
            this.inc({ ...labelsOf(store), ...labels }, value)
        }
      },
    })
  }
  new Gauge({
    name: 'apiserver_storage_objects',
    help: 'Stored objects, by the full name of their resource.',
    labelNames: ['resource'],
    registers,
    collect() {
      this.reset()
      for (const { kind, cache } of loaded()) {
        this.set({ resource: formatResource(kind) }, cache.size)
      }
    },
  })
  addHistograms(registry, loaded)
}

function addHistograms(registry: Registry, loaded: () => Iterable<ObjectStore>): void {
  const registers = [registry]
  const collectedBy = (of: (store: ObjectStore) => readonly DistributionValues[]) => () =>
    [...loaded()].flatMap((store) => of(store))
  new CollectedHistogram({
    name: 'apiserver_watch_cache_read_wait_seconds',
    help: 'How long requests waited until the cache of a resource was fresh, if they had to.',
    registers,
    collect: collectedBy((store) => [withLabels(store.statistics.waits, labelsOf(store))]),
  })
  new CollectedHistogram({
    name: 'etcd_request_duration_seconds',
    help: 'How long the store, whichever it is, took for a request, by operation.',
    registers,
    collect: collectedBy((store) =>
      [...store.statistics.operations].map(([operation, { durations }]) =>
        withLabels(durations, { operation, ...labelsOf(store) }),
      ),
    ),
  })
}

/** By upstream's names, of which `etcd-0` is the first. Nothing is shown of one that does not answer. */
function addSizes(registry: Registry, storages: readonly Pick<Storage, 'sizeBytes'>[]): void {
  new Gauge({
    name: 'apiserver_storage_size_bytes',
    help: 'What the store takes on disk, in bytes.',
    labelNames: ['storage_cluster_id'],
    registers: [registry],
    async collect() {
      this.reset()
      const sizes = storages.map((storage) => storage.sizeBytes?.().catch(() => undefined))
      for (const [index, size] of (await Promise.all(sizes)).entries()) {
        if (size !== undefined) this.set({ storage_cluster_id: `etcd-${index}` }, size)
      }
    },
  })
}

function labelsOf({ kind }: ObjectStore): { readonly group: string; readonly resource: string } {
  return { group: kind.group, resource: kind.plural }
}

function withLabels({ bounds, counts, sum }: DistributionValues, labels: Labels) {
  return { labels, bounds, counts, sum }
}

function nameOf(sort: keyof ListCounts | 'evaluated'): string {
  return sort === 'lists' ? '' : `${sort}_objects_`
}

/** With the name of the index in upstream's form: `f:spec.nodeName`; empty for none. */
function listsOf(lists: ReadonlyMap<string, ListCounts>, sort: keyof ListCounts): readonly Value[] {
  if (sort === 'returned') {
    return [[[...lists.values()].reduce((sum, { returned }) => sum + returned, 0)]]
  }
  return [...lists].map(([name, counts]) => [counts[sort], { index: indexLabel(name) }])
}

function indexLabel(name: string): string {
  const [sort = '', ...rest] = name.split(' ')
  return name === '' ? '' : `${sort.charAt(0)}:${rest.at(-1)}`
}

function operationsOf(
  { statistics }: ObjectStore,
  of: (counts: OperationCounts) => number,
): readonly Value[] {
  return [...statistics.operations].map(([operation, counts]) => [of(counts), { operation }])
}
