import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { FormerMessages } from '../../kinds/former/former-messages.ts'
import { openEnvelope, RAW_FIELD } from '../../machinery/codec/protobuf/envelope.ts'
import { ProtobufCodec } from '../../machinery/codec/protobuf/protobuf-codec.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import { enclose, encodeProtobuf } from './api-protobuf.ts'

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

test('what was stored in a version that is served, too, is converted, not read as it is', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const target = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
  const autoscaler = {
    ...{ kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v1' },
    metadata: { name: 'a', namespace: 'default', uid: 'u' },
    spec: { scaleTargetRef: target, maxReplicas: 3, targetCPUUtilizationPercentage: 70 },
    status: { currentReplicas: 1, desiredReplicas: 1 },
  }
  const key = (name: string) => `/registry/horizontalpodautoscalers/default/${name}`
  await storage.put(key('a'), encodeProtobuf(autoscaler as never))
  const json = { ...autoscaler, metadata: { ...autoscaler.metadata, name: 'b' } }
  await storage.put(key('b'), Buffer.from(JSON.stringify(json)))
  const api = await createTestServer({ storage })
  for (const name of ['a', 'b']) {
    const path = `namespaces/default/horizontalpodautoscalers/${name}`
    const now = JSON.parse((await api.send('GET', `/apis/autoscaling/v2/${path}`)).text)
    const resource = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } }
    assert.deepEqual(now.spec.metrics, [{ type: 'Resource', resource }])
    const before = JSON.parse((await api.send('GET', `/apis/autoscaling/v1/${path}`)).text)
    assert.equal(before.spec.targetCPUUtilizationPercentage, 70)
  }
  api.close()
})

test('what was stored in a version of another shape is complete in that which is served', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const backend = { serviceName: 'web', servicePort: 80 }
  const ingress = {
    ...{ kind: 'Ingress', apiVersion: 'extensions/v1beta1' },
    metadata: { name: 'json', namespace: 'default', uid: 'u' },
    spec: { rules: [{ http: { paths: [{ backend }] } }] },
  }
  const json = Buffer.from(JSON.stringify(ingress))
  await storage.put('/registry/ingress/default/json', json)
  const node = new FormerMessages().nodes.get('extensions/v1beta1 Ingress')
  assert.ok(node)
  const named = { ...ingress, metadata: { ...ingress.metadata, name: 'protobuf' } }
  const message = new ProtobufCodec(new FormerMessages()).encodeAsField(RAW_FIELD, node, named)
  await storage.put('/registry/ingress/default/protobuf', enclose(ingress, message))
  const api = await createTestServer({ storage })
  const rule = {
    http: {
      paths: [
        {
          pathType: 'ImplementationSpecific',
          backend: { service: { name: 'web', port: { number: 80 } } },
        },
      ],
    },
  }
  for (const name of ['json', 'protobuf']) {
    const path = `/apis/networking.k8s.io/v1/namespaces/default/ingresses/${name}`
    const { spec, status, apiVersion } = JSON.parse((await api.send('GET', path)).text)
    const served = { apiVersion: 'networking.k8s.io/v1', status: { loadBalancer: {} } }
    assert.deepEqual({ apiVersion, status, spec }, { ...served, spec: { rules: [rule] } })
  }
  api.close()
})

test('budgets of v1beta1 select what they selected then', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const budget = (name: string, selector?: object) => ({
    ...{ kind: 'PodDisruptionBudget', apiVersion: 'policy/v1' },
    metadata: { name, namespace: 'default', uid: 'u' },
    spec: { minAvailable: 1, ...(selector && { selector }) },
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  })
  const empty = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match'
  const expression = (operator: string) => ({ key: empty, operator })
  const selectors = {
    none: {},
    all: { matchExpressions: [expression('DoesNotExist')] },
    some: { matchLabels: { a: 'b' }, matchExpressions: [expression('Exists')] },
    usual: { matchLabels: { a: 'b' } },
  }
  for (const [name, selector] of Object.entries(selectors)) {
    const bytes = encodeProtobuf(budget(name, selector) as never)
    // The numbers are the same: only the name of the version is longer.
    const { raw } = openEnvelope(bytes)
    const names = { apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget' }
    const message = Buffer.concat([Buffer.from([0x12, ...lengthOf(raw.length)]), raw])
    await storage.put(`/registry/poddisruptionbudgets/default/${name}`, enclose(names, message))
  }
  const api = await createTestServer({ storage })
  const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
  const { items } = JSON.parse((await api.send('GET', path)).text)
  const found = items.map(({ metadata, spec }: ReturnType<typeof budget>) => [
    metadata.name,
    (spec as { selector?: object }).selector,
  ])
  assert.deepEqual(Object.fromEntries(found), {
    none: { matchExpressions: [expression('Exists')] },
    all: {},
    some: { matchLabels: { a: 'b' } },
    usual: { matchLabels: { a: 'b' } },
  })
  api.close()
})

test('what protobuf leaves out is there when it is read, with defaults', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const store = (prefix: string, object: object) =>
    storage.put(`/registry/${prefix}/default/a`, encodeProtobuf(object as never))
  const metadata = { name: 'a', namespace: 'default', uid: 'u' }
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' }
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const namespace = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'default' } }
  await storage.put('/registry/namespaces/default', encodeProtobuf(namespace as never))
  await store('events', { kind: 'Event', apiVersion: 'v1', metadata, involvedObject })
  await store('endpointslices', {
    ...{ kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1', metadata },
    addressType: 'IPv4',
  })
  await store('persistentvolumeclaims', {
    ...{ kind: 'PersistentVolumeClaim', apiVersion: 'v1', metadata, spec },
  })
  const api = await createTestServer({ storage })
  const get = async (path: string) => JSON.parse((await api.send('GET', path)).text)
  const slice = await get('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/a')
  assert.deepEqual([slice.endpoints, slice.ports], [null, null])
  const claim = await get('/api/v1/namespaces/default/persistentvolumeclaims/a')
  assert.deepEqual([claim.status, claim.spec.volumeMode], [{ phase: 'Pending' }, 'Filesystem'])
  const contentType = 'application/merge-patch+json'
  const body = { metadata: { labels: { b: 'c' } } }
  const path = '/apis/events.k8s.io/v1/namespaces/default/events/a'
  const patched = await api.send('PATCH', path, { contentType, body })
  // A time that is null is not another than one that is absent.
  assert.equal(patched.code, 200, patched.text)
  assert.equal(JSON.parse(patched.text).deprecatedFirstTimestamp, null)
  api.close()
})

/** A varint. */
function lengthOf(length: number): readonly number[] {
  return length < 128 ? [length] : [(length & 0x7f) | 0x80, ...lengthOf(length >> 7)]
}
