import { Gauge, type Registry } from 'prom-client'
import { formatResource } from '../../machinery/status-error.ts'
import type { ResourceTable } from '../registry/resource-table.ts'

/** How many objects of each resource there are, and how far its cache has come. */
export function addStorageMetrics(registry: Registry, resources: ResourceTable): void {
  const registers = [registry]
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
