import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { addStorageMetrics } from './storage-metrics.ts'

test('objects are counted by resource, as of now', async () => {
  using api = await startSecuredApi()
  const registry = new Registry()
  let sizeBytes: () => Promise<number> = async () => 4096
  addStorageMetrics(registry, api.resources, { sizeBytes: () => sizeBytes() })
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
  assert.match(after, /apiserver_storage_size_bytes\{storage_cluster_id="etcd-0"\} 4096\n/)
  sizeBytes = () => Promise.reject(new Error('nobody answers'))
  assert.doesNotMatch(await registry.metrics(), /apiserver_storage_size_bytes\{/)
})
