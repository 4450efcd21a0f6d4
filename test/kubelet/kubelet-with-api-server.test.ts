import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { SimulatedRuntime } from '../../src/cri/simulated/simulated-runtime.ts'
import { Lease } from '../../src/kinds/coordination/v1/lease.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../src/kinds/core/v1/service-account.ts'
import { Kubelet } from '../../src/kubelet/kubelet.ts'
import { simulatedMachine } from '../../src/kubelet/node/machine.ts'
import { isReason } from '../../src/machinery/status-error.ts'
import { createTestServer } from '../support/api-server.ts'
import { FakeNetwork } from '../support/kubelet-node.ts'

test('the API server takes and keeps what the kubelet writes', async () => {
  const server = await createTestServer()
  const { client, clock } = server
  const random = seededRandom(7)
  const logger = silentLogger
  const runtime = new SimulatedRuntime({ clock, random, podCidr: '10.1.0.0/24' })
  const informers = new SharedInformers({ client, clock, random, logger })
  const kubelet = new Kubelet({
    ...{ client, clock, random, logger, informers, runtime },
    nodeName: 'node-1',
    nodeIps: ['192.0.2.1'],
    recorder: { event: () => {} },
    machine: simulatedMachine('node-1'),
    network: new FakeNetwork(),
    logFiles: {
      open: async () => undefined,
      watch: () => ({ [Symbol.dispose]: () => {} }),
    },
    clusterDns: { servers: ['10.96.0.10'], domain: 'cluster.local' },
    hostResolver: { servers: [], searches: [], options: [] },
    port: 10250,
  })
  await client.create(Namespace, { metadata: { name: 'kube-node-lease' } })
  const stop = new AbortController()
  const running = Promise.all([informers.run(stop.signal), kubelet.run(stop.signal)])
  await clock.advance(500)
  const node = await client.get(Node, { name: 'node-1' })
  const ready = node.status.conditions?.find(({ type }) => type === 'Ready')
  assert.equal(ready?.status, 'True')
  const lease = await client.get(Lease, { namespace: 'kube-node-lease', name: 'node-1' })
  assert.equal(lease.spec.holderIdentity, 'node-1')

  const key = { namespace: 'default', name: 'web' }
  const account = { namespace: 'default', name: 'default' }
  await client.create(ServiceAccount, { metadata: account })
  await client.create(Pod, {
    metadata: key,
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'busybox' }] },
  })
  await clock.advance(500)
  const { status } = await client.get(Pod, key)
  assert.equal(status.phase, 'Running')
  assert.deepEqual(status.podIPs, [{ ip: '10.1.0.2' }])
  assert.equal(status.containerStatuses?.[0]?.ready, true)
  assert.equal(status.observedGeneration, 1)

  // The sandbox dies: a new one has another address, and the old one must not stay in the list.
  const [sandbox] = await runtime.listPodSandboxes()
  await runtime.stopPodSandbox(sandbox?.id ?? '')
  await clock.advance(15_000)
  const renewed = (await client.get(Pod, key)).status
  assert.equal(renewed.podIPs?.length, 1)
  assert.notEqual(renewed.podIP, status.podIP)
  assert.equal(renewed.containerStatuses?.[0]?.restartCount, 1)
  assert.equal(renewed.phase, 'Running')
  assert.equal(renewed.conditions?.length, 5)

  await client.delete(Pod, key, { gracePeriodSeconds: 5 })
  await clock.advance(10_000)
  await assert.rejects(client.get(Pod, key), (error) => isReason(error, 'NotFound'))
  assert.deepEqual(await runtime.listPodSandboxes(), [])

  stop.abort()
  for (let round = 0; round < 20; round++) await clock.advance(0)
  await running
  server.close()
})
