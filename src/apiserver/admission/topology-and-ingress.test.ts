import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { Ingress } from '../../kinds/networking/v1/ingress.ts'
import { IngressClass } from '../../kinds/networking/v1/ingress-class.ts'
import type { StatusError } from '../../machinery/status-error.ts'

const ZONE = 'topology.kubernetes.io/zone'
const REGION = 'topology.kubernetes.io/region'

async function withNode(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  const { client } = server
  await client.create(ServiceAccount, { metadata: { namespace: 'default', name: 'default' } })
  const labels = { [ZONE]: 'a', [REGION]: 'r', 'kubernetes.io/os': 'linux', other: 'x' }
  const node = await client.create(Node, { metadata: { name: 'n', labels } })
  const allocatable = { cpu: '2', memory: '1Gi' }
  await client.updateStatus(Node, { ...node, status: { ...node.status, allocatable } })
  await run(server)
  server.close()
}

const createPod = ({ client }: TestServer, name: string, spec: object = {}) =>
  client.create(Pod, {
    metadata: { namespace: 'default', name, labels: { app: 'x', [ZONE]: 'wrong' } },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  })

const getPod = ({ client }: TestServer, name: string) =>
  client.get(Pod, { namespace: 'default', name })

test('a pod learns with its node where it is', () =>
  withNode(async (server) => {
    const { client } = server
    await createPod(server, 'p')
    await client.createSubresource(Pod, { namespace: 'default', name: 'p' }, 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p', namespace: 'default' },
      target: { apiVersion: 'v1', kind: 'Node', name: 'n' },
    })
    const labels = { app: 'x', [ZONE]: 'a', [REGION]: 'r' }
    assert.deepEqual((await getPod(server, 'p')).metadata.labels, labels)
    assert.deepEqual((await createPod(server, 'q', { nodeName: 'n' })).metadata.labels, labels)
    const lost = await createPod(server, 'l', { nodeName: 'none' })
    assert.equal(lost.metadata.labels?.[ZONE], 'wrong')
  }))

test('a pod grows as far as its node can give', () =>
  withNode(async (server) => {
    const resources = { requests: { cpu: '1', memory: '512Mi' } }
    const containers = [{ name: 'c', image: 'i', resources }]
    await createPod(server, 'p', { nodeName: 'n', containers })
    const resize = async (cpu: string, memory: string) => {
      const path = '/api/v1/namespaces/default/pods/p/resize'
      const { text } = await server.send('PATCH', path, {
        contentType: 'application/strategic-merge-patch+json',
        body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] } },
      })
      return JSON.parse(text) as Partial<StatusError>
    }
    const { message, details } = await resize('2500m', '2Gi')
    assert.equal(
      message,
      `pods "p" is forbidden: node didn't have enough allocatable resources: cpu, requested: ` +
        '2500, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824',
    )
    assert.deepEqual(details?.causes, [{ reason: 'NodeCapacity' }])
    assert.equal((await resize('1500m', '512Mi')).message, undefined)
  }))

test('an ingress without a class gets the default one', () =>
  withNode(async ({ client }) => {
    const create = (name: string, given: object = {}, annotations = {}) =>
      client.create(Ingress, {
        metadata: { namespace: 'default', name, annotations },
        spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } }, ...given },
      })
    assert.equal((await create('none')).spec.ingressClassName, undefined)
    await client.create(IngressClass, {
      metadata: {
        name: 'web',
        annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
      },
      spec: { controller: 'example.com/web' },
    })
    assert.equal((await create('a')).spec.ingressClassName, 'web')
    assert.equal((await create('b', { ingressClassName: 'own' })).spec.ingressClassName, 'own')
    const old = await create('c', {}, { 'kubernetes.io/ingress.class': 'own' })
    assert.equal(old.spec.ingressClassName, undefined)
  }))
