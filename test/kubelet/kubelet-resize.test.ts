import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { KubeletNode } from '../support/kubelet-node.ts'

type Amounts = Readonly<Record<string, string>>

function main(requests: Amounts, limits: Amounts, resizePolicy?: readonly object[]) {
  return {
    name: 'main',
    image: 'busybox',
    imagePullPolicy: 'IfNotPresent' as const,
    resources: { requests, limits },
    ...(resizePolicy !== undefined && { resizePolicy }),
  }
}

async function started(
  requests: Amounts,
  limits: Amounts,
  resizePolicy?: readonly object[],
): Promise<KubeletNode> {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('web', { containers: [main(requests, limits, resizePolicy)] as never })
  await node.until(() => node.pod('web')?.status.phase === 'Running')
  return node
}

async function resize(node: KubeletNode, requests: Amounts, limits: Amounts): Promise<void> {
  const pod = node.thePod('web')
  const containers = pod.spec.containers.map((container) => ({
    ...container,
    resources: { requests, limits },
  }))
  await node.client.update(Pod, { ...pod, spec: { ...pod.spec, containers } } as unknown as Pod)
  await node.clock.advance(1000)
}

async function limitsInRuntime(node: KubeletNode) {
  const [container] = await node.runtime.listContainers()
  const { status } = await node.runtime.containerStatus(container?.id ?? '')
  return status?.resources?.linux
}

const resizeEvents = (node: KubeletNode) =>
  node.eventsOf('web').filter((event) => event.startsWith('Resize') || event.startsWith('Killing'))
const statusOf = (node: KubeletNode) => node.thePod('web').status.containerStatuses?.[0]
const conditionOf = (node: KubeletNode, type: string) =>
  node.thePod('web').status.conditions?.find((one) => one.type === type)

test('resources change while the container runs', async () => {
  const node = await started({ cpu: '100m', memory: '64Mi' }, { cpu: '200m', memory: '128Mi' })
  const id = statusOf(node)?.containerID
  await resize(node, { cpu: '200m', memory: '64Mi' }, { cpu: '400m', memory: '256Mi' })
  const linux = await limitsInRuntime(node)
  assert.equal(linux?.cpuQuota, 40_000)
  assert.equal(linux?.memoryLimitInBytes, 256 * 1024 * 1024)
  const status = statusOf(node)
  assert.equal(status?.containerID, id)
  assert.equal(status?.restartCount, 0)
  assert.deepEqual(status?.allocatedResources, { cpu: '200m', memory: '64Mi' })
  assert.deepEqual(status?.resources?.limits, { cpu: '400m', memory: '256Mi' })
  assert.equal(conditionOf(node, 'PodResizeInProgress'), undefined)
  const [begun, ended, ...more] = resizeEvents(node)
  assert.match(begun ?? '', /^ResizeStarted: Pod resize started: {"containers":\[{"name":"main"/)
  assert.match(ended ?? '', /^ResizeCompleted: Pod resize completed: {"containers":/)
  assert.deepEqual(more, [])
  await node.stop()
})

test('a policy may ask for a new start', async () => {
  const policy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
  const amounts = { cpu: '100m', memory: '128Mi' }
  const node = await started(amounts, amounts, policy)
  const id = statusOf(node)?.containerID
  const wanted = { cpu: '100m', memory: '256Mi' }
  await resize(node, wanted, wanted)
  const status = statusOf(node)
  assert.notEqual(status?.containerID, id)
  assert.equal(status?.restartCount, 1)
  assert.deepEqual(status?.resources?.limits, wanted)
  assert.ok(resizeEvents(node).includes('Killing: Container main resize requires restart'))
  assert.equal(conditionOf(node, 'PodResizeInProgress'), undefined)
  await node.stop()
})

test('what the node cannot give stays pending, and is given when there is room', async () => {
  const node = await started({ cpu: '1' }, { cpu: '1' })
  const capacity = Number(node.kubelet.node?.status.allocatable?.['cpu'])
  const tooMuch = { cpu: String(capacity + 1) }
  await resize(node, tooMuch, tooMuch)
  const pending = conditionOf(node, 'PodResizePending')
  assert.equal(pending?.reason, 'Infeasible')
  assert.equal(
    pending?.message,
    `Node didn't have enough capacity: cpu, requested: ${(capacity + 1) * 1000}, ` +
      `capacity: ${capacity * 1000}`,
  )
  assert.deepEqual(statusOf(node)?.allocatedResources, { cpu: '1' })
  assert.equal((await limitsInRuntime(node))?.cpuQuota, 100_000)

  const other = { ...main({ cpu: '1' }, { cpu: '1' }), name: 'other' }
  await node.createPod('other', { containers: [other] as never })
  await node.until(() => node.pod('other')?.status.phase === 'Running')
  const all = { cpu: String(capacity) }
  await resize(node, all, all)
  assert.equal(conditionOf(node, 'PodResizePending')?.reason, 'Deferred')

  // A kubelet that starts anew knows what it had granted.
  await node.stop()
  await node.start()
  await node.clock.advance(5000)
  assert.deepEqual(statusOf(node)?.allocatedResources, { cpu: '1' })
  assert.equal(conditionOf(node, 'PodResizePending')?.reason, 'Deferred')

  await node.client.delete(Pod, { namespace: 'default', name: 'other' })
  await node.clock.advance(60_000)
  assert.equal(conditionOf(node, 'PodResizePending'), undefined)
  assert.deepEqual(statusOf(node)?.allocatedResources, all)
  assert.equal((await limitsInRuntime(node))?.cpuQuota, capacity * 100_000)
  assert.equal(statusOf(node)?.restartCount, 0)
  await node.stop()
})
