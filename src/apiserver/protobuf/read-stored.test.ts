import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import { encodeProtobuf } from './api-protobuf.ts'

const KEY = '/registry/configmaps/default/a'
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

test('what upstream’s servers have stored as protobuf is served, and changed, as what is JSON', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const names = { kind: 'ConfigMap', apiVersion: 'v1' }
  const metadata = { name: 'a', namespace: 'default', labels: { app: 'a' }, uid: 'u' }
  const namespace = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'default' } }
  await storage.put(KEY, encodeProtobuf({ ...names, metadata, data: { a: 'b' } } as never))
  await storage.put('/registry/namespaces/default', encodeProtobuf(namespace as never))
  const api = await createTestServer({ storage })
  const got = await api.send('GET', `${CONFIG_MAPS}/a`)
  const revision = JSON.parse(got.text).metadata.resourceVersion
  assert.deepEqual(JSON.parse(got.text), {
    ...names,
    metadata: { ...metadata, resourceVersion: revision },
    data: { a: 'b' },
  })
  const listed = await api.send('GET', `${CONFIG_MAPS}?labelSelector=app%3Da`)
  assert.equal(JSON.parse(listed.text).items.length, 1)
  const contentType = 'application/merge-patch+json'
  const body = { data: { c: 'd' } }
  const patched = await api.send('PATCH', `${CONFIG_MAPS}/a`, { contentType, body })
  assert.deepEqual(JSON.parse(patched.text).data, { a: 'b', c: 'd' })
  const stored = Buffer.from((await storage.get(KEY))?.value ?? [])
  assert.deepEqual(JSON.parse(stored.toString()).data, { a: 'b', c: 'd' })
  api.close()
})

test('what is stored in another version is served in that of the kind, lists included', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const policy = {
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    metadata: { name: 'foos.ex.io', uid: 'u' },
    spec: {
      group: 'ex.io',
      version: 'v1',
      scope: 'Cluster',
      names: { plural: 'foos', kind: 'Foo' },
      validation: { openAPIV3Schema: { type: 'object' } },
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  }
  const key = '/registry/apiextensions.k8s.io/customresourcedefinitions/foos.ex.io'
  await storage.put(key, Buffer.from(JSON.stringify(policy)))
  const api = await createTestServer({ storage })
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const { kind, apiVersion, spec } = JSON.parse((await api.send('GET', `${path}/foos.ex.io`)).text)
  assert.deepEqual([kind, apiVersion], [policy.kind, 'apiextensions.k8s.io/v1'])
  const [item] = JSON.parse((await api.send('GET', path)).text).items
  assert.deepEqual(item.spec, spec)
  assert.deepEqual(spec.versions[0].schema, policy.spec.validation)
  api.close()
})
