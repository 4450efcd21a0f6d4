import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lease } from '../../src/kinds/coordination/v1/lease.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { KubeletNode } from '../support/kubelet-node.ts'

test('a pod runs and is ready', async () => {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('web')
  await node.until(() => node.pod('web')?.status.phase === 'Running')
  const { status } = node.thePod('web')
  const [container] = status.containerStatuses ?? []
  assert.equal(container?.ready, true)
  assert.equal(container?.started, true)
  assert.match(container?.containerID ?? '', /^simulated:\/\//)
  assert.equal(status.podIP, '10.1.0.2')
  assert.deepEqual(status.podIPs, [{ ip: '10.1.0.2' }])
  assert.equal(status.hostIP, '192.0.2.1')
  assert.equal(status.qosClass, 'BestEffort')
  assert.deepEqual(
    status.conditions?.map((one) => [one.type, one.status]),
    [
      ['PodReadyToStartContainers', 'True'],
      ['Initialized', 'True'],
      ['Ready', 'True'],
      ['ContainersReady', 'True'],
      ['PodScheduled', 'True'],
    ],
  )
  assert.deepEqual(node.eventsOf('web'), [
    'Pulled: Container image "busybox" already present on machine and can be accessed by the pod',
    'Created: Container created',
    'Started: Container started',
  ])
  await node.stop()
  assert.equal(node.clock.pendingTimers, 0)
})

test('deletion: the stop signal, the grace period, SIGKILL, then the pod is gone', async () => {
  const node = new KubeletNode({ behave: () => ({ ignoresStop: true }) })
  await node.start()
  await node.createPod('stubborn', { terminationGracePeriodSeconds: 7 })
  await node.until(() => node.pod('stubborn')?.status.phase === 'Running')
  const began = node.clock.monotonic()
  await node.client.delete(
    Pod,
    { namespace: 'default', name: 'stubborn' },
    { gracePeriodSeconds: 7 },
  )
  await node.clock.advance(6500)
  assert.equal(node.pod('stubborn')?.status.phase, 'Running')
  await node.until(() => node.pod('stubborn') === undefined)
  assert.equal(Math.round((node.clock.monotonic() - began) / 1000), 7)
  assert.ok(node.eventsOf('stubborn').includes('Killing: Stopping container main'))
  await node.clock.advance(100)
  assert.deepEqual(await node.runtime.listPodSandboxes(), [])
  assert.deepEqual(await node.runtime.listContainers(), [])
  await node.stop()
  assert.equal(node.clock.pendingTimers, 0)
})

test('a second deletion with less grace ends the wait', async () => {
  const node = new KubeletNode({ behave: () => ({ ignoresStop: true }) })
  await node.start()
  await node.createPod('stubborn')
  await node.until(() => node.pod('stubborn')?.status.phase === 'Running')
  const key = { namespace: 'default', name: 'stubborn' }
  await node.client.delete(Pod, key, { gracePeriodSeconds: 600 })
  await node.clock.advance(3000)
  const began = node.clock.monotonic()
  await node.client.delete(Pod, key, { gracePeriodSeconds: 3 })
  await node.until(() => node.pod('stubborn') === undefined)
  assert.equal(Math.round((node.clock.monotonic() - began) / 1000), 3)
  await node.stop()
})

test('a restarted kubelet adopts what runs', async () => {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('web')
  await node.until(() => node.pod('web')?.status.phase === 'Running')
  const before = await node.runtime.listContainers()
  await node.stop()
  await node.clock.advance(60_000)
  await node.start()
  await node.clock.advance(15_000)
  assert.deepEqual(await node.runtime.listContainers(), before)
  const [container] = node.thePod('web').status.containerStatuses ?? []
  assert.equal(container?.restartCount, 0)
  assert.equal(container?.ready, true)
  await node.stop()
})

test('a pod that was deleted while the kubelet was away is stopped and removed', async () => {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('web')
  await node.until(() => node.pod('web')?.status.phase === 'Running')
  await node.stop()
  node.api.change(Pod, node.thePod('web'), undefined)
  await node.start()
  await node.clock.advance(5000)
  assert.deepEqual(await node.runtime.listPodSandboxes(), [])
  await node.stop()
})

test('a deadline fails the pod', async () => {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('late', { activeDeadlineSeconds: 5, terminationGracePeriodSeconds: 1 })
  await node.clock.advance(4000)
  assert.equal(node.thePod('late').status.phase, 'Running')
  await node.clock.advance(4000)
  const { phase, reason, message } = node.thePod('late').status
  assert.equal(phase, 'Failed')
  assert.equal(reason, 'DeadlineExceeded')
  assert.equal(message, 'Pod was active on the node longer than the specified deadline')
  await node.stop()
})

test('the node registers, is ready and renews its lease', async () => {
  const node = new KubeletNode()
  await node.start({ taints: [], labels: { zone: 'a' } })
  const [registered] = node.api.list(Node)
  assert.equal(registered?.metadata.labels?.['kubernetes.io/hostname'], 'node-1')
  assert.equal(registered?.metadata.labels?.['zone'], 'a')
  assert.deepEqual(
    registered?.status.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
      ['Ready', 'True', 'KubeletReady'],
    ],
  )
  assert.equal(registered?.status.capacity?.['pods'], '110')
  const renewTime = () => node.api.list(Lease)[0]?.spec.renewTime
  const first = renewTime()
  assert.ok(first !== undefined)
  await node.clock.advance(10_100)
  assert.notEqual(renewTime(), first)
  await node.stop()
})

test('a pod that does not fit is turned away', async () => {
  const node = new KubeletNode()
  await node.start()
  const resources = { requests: { cpu: '5' } }
  const containers = [
    { name: 'main', image: 'busybox', imagePullPolicy: 'IfNotPresent', resources } as const,
  ]
  await node.createPod('first', { containers })
  await node.createPod('second', { containers })
  await node.clock.advance(1000)
  assert.equal(node.thePod('first').status.phase, 'Running')
  const { phase, reason, message } = node.thePod('second').status
  assert.equal(phase, 'Failed')
  assert.equal(reason, 'OutOfcpu')
  const why = "Node didn't have enough resource: cpu, requested: 5000, used: 5000, capacity: 8000"
  assert.equal(message, `Pod was rejected: ${why}`)
  assert.deepEqual(node.eventsOf('second'), [`OutOfcpu: ${why}`])
  assert.equal((await node.runtime.listContainers()).length, 1)
  await node.stop()
})
