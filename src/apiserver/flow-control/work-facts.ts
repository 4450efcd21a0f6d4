import type { ResourceTable } from '../registry/resource-table.ts'
import type { RequestInfo } from '../request-info.ts'
import type { WorkFacts } from './work-estimate.ts'

/** What the caches of the resources know without looking. */
export function workFactsOf(resources: ResourceTable): WorkFacts {
  const cacheOf = ({ group, version, resource }: RequestInfo) =>
    resources.find(group, version, resource)?.store.cache
  return {
    objectCount: (info) => cacheOf(info)?.size,
    watchCount: (info) => cacheOf(info)?.watchersOf(info.namespace, info.name) ?? 0,
  }
}
