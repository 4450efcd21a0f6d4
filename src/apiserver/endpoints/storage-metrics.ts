import { Gauge, type Registry } from 'prom-client'
import { formatResource } from '../../machinery/status-error.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ResourceTable } from '../registry/resource-table.ts'

/** There is one store, under upstream's name for the first. */
const STORE = 'etcd-0'

/**
 * What the store takes on disk, how many objects of each resource there are, and how far its cache
 * has come.
 */
export function addStorageMetrics(
  registry: Registry,
  resources: ResourceTable,
  storage: Pick<Storage, 'sizeBytes'>,
): void {
  const registers = [registry]
  if (storage.sizeBytes !== undefined) addSize(registry, () => storage.sizeBytes?.())
  /** Each store once, though it may serve several versions; none that nobody has asked yet. */
  const loaded = () =>
    new Set(resources.all().flatMap(({ store }) => (store.cache.revision > 0 ? [store] : [])))
  new Gauge({
    name: 'apiserver_resource_objects',
    help: 'Stored objects, by resource.',
    labelNames: ['group', 'resource'],
    registers,
    collect() {
      this.reset()
      for (const { kind, cache } of loaded()) {
        this.set({ group: kind.group, resource: kind.plural }, cache.size)
      }
    },
  })
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
  new Gauge({
    name: 'apiserver_watch_cache_resource_version',
    help: 'The newest revision that the cache of a resource has seen.',
    labelNames: ['group', 'resource'],
    registers,
    collect() {
      this.reset()
      for (const { kind, cache } of loaded()) {
        this.set({ group: kind.group, resource: kind.plural }, cache.revision)
      }
    },
  })
}

/** Nothing is shown while the store does not answer. */
function addSize(registry: Registry, sizeBytes: () => Promise<number> | undefined): void {
  new Gauge({
    name: 'apiserver_storage_size_bytes',
    help: 'What the store takes on disk, in bytes.',
    labelNames: ['storage_cluster_id'],
    registers: [registry],
    async collect() {
      this.reset()
      const size = await sizeBytes()?.catch(() => undefined)
      if (size !== undefined) this.set({ storage_cluster_id: STORE }, size)
    },
  })
}
