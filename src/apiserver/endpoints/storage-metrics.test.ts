import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { addStorageMetrics } from './storage-metrics.ts'

test('objects are counted by resource, as of now', async () => {
  using api = await startSecuredApi()
  const registry = new Registry()
  let sizeBytes: () => Promise<number> = async () => 4096
  addStorageMetrics(registry, api.resources, [{ sizeBytes: () => sizeBytes() }])
  await api.admin.list(Namespace)
  const before = await registry.metrics()
  assert.match(before, /apiserver_resource_objects\{group="",resource="namespaces"\} 2\n/)
  assert.doesNotMatch(before, /resource="replicationcontrollers"/)
  await api.admin.create(Namespace, { metadata: { name: 'third' } })
  const after = await registry.metrics()
  assert.match(after, /apiserver_resource_objects\{group="",resource="namespaces"\} 3\n/)
  const { size } = api.resources.store(Namespace).cache
  assert.equal(size, 3)
  assert.match(
    after,
    /apiserver_storage_objects\{resource="clusterroles.rbac.authorization.k8s.io"\} \d\d\n/,
  )
  assert.match(
    after,
    /apiserver_watch_cache_resource_version\{group="",resource="namespaces"\} \d+/,
  )
  const labels = 'group="",resource="namespaces"'
  for (const line of [
    `apiserver_storage_events_received_total{${labels}} 1`,
    `apiserver_watch_cache_initializations_total{${labels}} 1`,
    `apiserver_terminated_watchers_total{${labels}} 0`,
    `apiserver_watch_cache_consistent_read_total{${labels},success="true",fallback="false"} 1`,
    `apiserver_cache_list_total{${labels},index=""} 1`,
    `apiserver_cache_list_returned_objects_total{${labels}} 2`,
    `apiserver_storage_list_total{${labels}} 1`,
    `etcd_requests_total{${labels},operation="create"} 3`,
    `etcd_requests_total{${labels},operation="list"} 1`,
    `etcd_request_duration_seconds_count{operation="create",${labels}} 3`,
    `apiserver_resource_size_estimate_bytes{${labels}} ${sizeOf(api.resources)}`,
  ]) {
    assert.ok(after.includes(`${line}\n`), line)
  }
  assert.match(after, /apiserver_storage_size_bytes\{storage_cluster_id="etcd-0"\} 4096\n/)
  sizeBytes = () => Promise.reject(new Error('nobody answers'))
  assert.doesNotMatch(await registry.metrics(), /apiserver_storage_size_bytes\{/)
})

function sizeOf(resources: ResourceTable): number {
  const stored = resources.store(Namespace).cache.list(SELECT_ALL)
  return stored.reduce((sum, { storedLength }) => sum + storedLength, 0)
}
