import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { KubeletNode } from '../support/kubelet-node.ts'

test('a failing container backs off: 0, 10, 20, 40 seconds, and says so', async () => {
  const node = new KubeletNode({ behave: () => ({ runsForMs: 1000, exitCode: 3 }) })
  await node.start()
  await node.createPod('crash')
  const starts: number[] = []
  const begin = node.clock.monotonic()
  let seen = 0
  while (starts.length < 5) {
    await node.clock.advance(100)
    const started = node.eventsOf('crash').filter((event) => event.startsWith('Started')).length
    for (; seen < started; seen++) starts.push(Math.floor((node.clock.monotonic() - begin) / 1000))
    assert.ok(node.clock.monotonic() - begin < 300_000, `only ${starts}`)
  }
  const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
  // A second of life, then the delay since its end.
  assert.deepEqual(gaps, [1, 11, 21, 41])
  await node.clock.advance(5000)
  const pod = node.thePod('crash')
  const who = `crash_default(${pod.metadata.uid})`
  const [container] = pod.status.containerStatuses ?? []
  assert.deepEqual(container?.state.waiting, {
    reason: 'CrashLoopBackOff',
    message: `back-off 1m20s restarting failed container=main pod=${who}`,
  })
  assert.equal(container?.lastState.terminated?.exitCode, 3)
  assert.equal(container?.lastState.terminated?.reason, 'Error')
  assert.equal(container?.restartCount, 4)
  assert.equal(pod.status.phase, 'Running')
  const event = `BackOff: Back-off restarting failed container main in pod ${who}`
  assert.ok(node.eventsOf('crash').includes(event))
  assert.equal((await node.runtime.listContainers()).length, 1, 'one dead container is kept')
  await node.stop()
})

test('ten minutes of life end the back-off', async () => {
  let runsForMs = 1000
  const node = new KubeletNode({ behave: () => ({ runsForMs, exitCode: 1 }) })
  await node.start()
  await node.createPod('crash')
  await node.clock.advance(3000)
  runsForMs = 601_000
  await node.clock.advance(10_000 + 601_000)
  const started = node.eventsOf('crash').filter((event) => event.startsWith('Started')).length
  assert.equal(started, 4, 'restarted at once after its long life')
  await node.stop()
})

test('restart policies decide the phase', async () => {
  const cases = [
    ['Never', 0, 'Succeeded'],
    ['Never', 1, 'Failed'],
    ['OnFailure', 0, 'Succeeded'],
    ['OnFailure', 1, 'Running'],
    ['Always', 0, 'Running'],
  ] as const
  for (const [restartPolicy, exitCode, phase] of cases) {
    const node = new KubeletNode({ behave: () => ({ runsForMs: 1000, exitCode }) })
    await node.start()
    await node.createPod('job', { restartPolicy })
    await node.clock.advance(5000)
    const { status } = node.thePod('job')
    assert.equal(status.phase, phase, `${restartPolicy} with exit code ${exitCode}`)
    const ready = status.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(ready?.status, 'False')
    if (phase === 'Succeeded') assert.equal(ready?.reason, 'PodCompleted')
    if (phase === 'Failed') assert.equal(ready?.reason, 'PodFailed')
    await node.stop()
  }
})

test('a new image restarts the container', async () => {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('web')
  await node.until(() => node.pod('web')?.status.phase === 'Running')
  const pod = node.thePod('web')
  const [main] = pod.spec.containers
  assert.ok(main !== undefined)
  const spec = { ...pod.spec, containers: [{ ...main, image: 'busybox:2' }] }
  await node.client.update(Pod, { ...pod, spec })
  await node.until(() => node.thePod('web').status.containerStatuses?.[0]?.restartCount === 1)
  assert.ok(
    node.eventsOf('web').includes('Killing: Container main definition changed, will be restarted'),
  )
  await node.stop()
})

test('init containers run one after another, then the sidecar, then the rest', async () => {
  const node = new KubeletNode({
    behave: ({ container }) =>
      container.metadata?.name?.startsWith('init') ? { runsForMs: 2000 } : {},
  })
  await node.start()
  const image = { image: 'busybox', imagePullPolicy: 'IfNotPresent' } as const
  await node.createPod('web', {
    initContainers: [
      { name: 'init-a', ...image },
      { name: 'sidecar', restartPolicy: 'Always', ...image },
      { name: 'init-b', ...image },
    ],
  })
  await node.clock.advance(1000)
  const waiting = node.thePod('web').status
  assert.equal(waiting.phase, 'Pending')
  assert.equal(waiting.containerStatuses?.[0]?.state.waiting?.reason, 'PodInitializing')
  const initialized = waiting.conditions?.find(({ type }) => type === 'Initialized')
  assert.equal(initialized?.message, 'containers with incomplete status: [init-a sidecar init-b]')
  await node.until(() => node.pod('web')?.status.phase === 'Running')
  const started = node.events.filter(({ reason }) => reason === 'Started')
  assert.deepEqual(
    started.map(({ fieldPath }) => fieldPath),
    [
      'spec.initContainers{init-a}',
      'spec.initContainers{sidecar}',
      'spec.initContainers{init-b}',
      'spec.containers{main}',
    ],
  )
  const { initContainerStatuses = [] } = node.thePod('web').status
  assert.deepEqual(
    initContainerStatuses.map(({ name, ready, started: isStarted }) => [name, ready, isStarted]),
    [
      ['init-a', true, false],
      ['sidecar', true, true],
      ['init-b', true, false],
    ],
  )
  await node.stop()
})

test('images: absent ones back off and say why', async () => {
  const node = new KubeletNode({ imageStanding: () => 'absent' })
  await node.start()
  await node.createPod('web')
  await node.clock.advance(1000)
  const waiting = () => node.thePod('web').status.containerStatuses?.[0]?.state.waiting
  assert.equal(waiting()?.reason, 'ImagePullBackOff')
  assert.match(
    waiting()?.message ?? '',
    /^Back-off pulling image "busybox": ErrImagePull: rpc error: code = NotFound desc = failed to/,
  )
  const pulls = () => node.eventsOf('web').filter((event) => event.startsWith('Pulling:')).length
  assert.equal(pulls(), 1)
  await node.clock.advance(10_000)
  assert.equal(pulls(), 2)
  await node.clock.advance(18_000)
  assert.equal(pulls(), 2, 'twenty seconds the second time')
  await node.clock.advance(3000)
  assert.equal(pulls(), 3)
  const events = node.eventsOf('web')
  assert.ok(events.includes('Failed: Error: ErrImagePull'))
  assert.ok(events.includes('Failed: Error: ImagePullBackOff'))
  assert.ok(events.includes('BackOff: Back-off pulling image "busybox"'))
  await node.stop()
})

test('probes: failing liveness restarts, readiness and startup decide', async () => {
  const node = new KubeletNode()
  let isAlive = false
  node.network.status = (path) => (path === '/alive' ? (isAlive ? 200 : 500) : 200)
  await node.start()
  const probe = (path: string) => ({ httpGet: { path, port: 80 }, periodSeconds: 5 })
  await node.createPod('web', {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'busybox',
        imagePullPolicy: 'IfNotPresent',
        livenessProbe: { ...probe('/alive'), failureThreshold: 2 },
        readinessProbe: probe('/ready'),
      },
    ],
  })
  await node.clock.advance(1000)
  assert.equal(node.thePod('web').status.containerStatuses?.[0]?.ready, true)
  await node.clock.advance(6000)
  const events = node.eventsOf('web')
  assert.ok(
    events.includes('Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500'),
  )
  assert.ok(
    events.includes('Killing: Container main failed liveness probe, will be restarted'),
    `${events}`,
  )
  isAlive = true
  await node.clock.advance(30_000)
  const [container] = node.thePod('web').status.containerStatuses ?? []
  assert.equal(container?.restartCount, 1)
  assert.equal(container?.ready, true)
  await node.client.delete(Pod, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 1 })
  await node.until(() => node.pod('web') === undefined)
  await node.stop()
  assert.equal(node.clock.pendingTimers, 0)
})

test('a container that never starts up is restarted, and is not ready before', async () => {
  const node = new KubeletNode()
  let hasStarted = false
  node.network.status = (path) => (path !== '/started' || hasStarted ? 200 : 503)
  await node.start()
  await node.createPod('slow', {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'busybox',
        imagePullPolicy: 'IfNotPresent',
        startupProbe: { httpGet: { path: '/started', port: 80 }, periodSeconds: 1 },
        readinessProbe: { httpGet: { path: '/', port: 80 } },
      },
    ],
  })
  await node.clock.advance(2500)
  const container = () => node.thePod('slow').status.containerStatuses?.[0]
  assert.equal(container()?.started, false)
  assert.equal(container()?.ready, false)
  await node.until(() => container()?.restartCount === 1)
  hasStarted = true
  await node.until(() => container()?.ready === true, 3000)
  assert.equal(container()?.started, true)
  await node.stop()
})

test('a missing ConfigMap holds the container back until it is there', async () => {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('web', {
    containers: [
      {
        name: 'main',
        image: 'busybox',
        imagePullPolicy: 'IfNotPresent',
        envFrom: [{ configMapRef: { name: 'settings' } }],
      },
    ],
  })
  await node.clock.advance(1000)
  const waiting = node.thePod('web').status.containerStatuses?.[0]?.state.waiting
  assert.deepEqual(waiting, {
    reason: 'CreateContainerConfigError',
    message: 'configmap "settings" not found',
  })
  await node.client.create(ConfigMap, {
    metadata: { name: 'settings', namespace: 'default' },
    data: { COLOUR: 'green' },
  })
  await node.clock.advance(100)
  assert.equal(node.thePod('web').status.phase, 'Running')
  await node.stop()
  assert.equal(node.clock.pendingTimers, 0)
})

test('an ephemeral container joins a running pod', async () => {
  const node = new KubeletNode()
  await node.start()
  await node.createPod('web')
  await node.until(() => node.pod('web')?.status.phase === 'Running')
  const pod = node.thePod('web')
  const debug = { name: 'debug', image: 'busybox', targetContainerName: 'main' }
  const spec = { ...pod.spec, ephemeralContainers: [debug] }
  await node.client.update(Pod, { ...pod, spec } as unknown as Pod)
  const status = () => node.thePod('web').status.ephemeralContainerStatuses?.[0]
  await node.until(() => status()?.state.running !== undefined)
  assert.equal(node.thePod('web').status.phase, 'Running')
  assert.equal(node.thePod('web').status.containerStatuses?.[0]?.restartCount, 0)
  await node.stop()
})
