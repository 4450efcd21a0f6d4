import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Pod } from '../../../src/kinds/core/v1/pod.ts'
import type { RealNode } from '../../support/real-node.ts'
import { RealNodeServer } from '../../support/real-node-server.ts'
import { idle, metadata, shell } from './busybox.ts'

/** How containers run and end, what they may, and what is heard of them. */
export async function checkContainers(t: TestContext, node: RealNode): Promise<void> {
  await t.test('containers that end: status, message, restart', async () => {
    await node.createPod('ends', {
      restartPolicy: 'OnFailure',
      containers: [shell('[ -e /tmp/x ] && exit 0; echo oh no > /dev/termination-log; exit 7')],
    })
    await node.until(() => node.pod('ends')?.status.containerStatuses?.[0]?.restartCount === 1)
    const [container] = node.pod('ends')?.status.containerStatuses ?? []
    assert.equal(container?.lastState.terminated?.exitCode, 7)
    assert.equal(container?.lastState.terminated?.message, 'oh no\n')
    await node.createPod('tells', {
      restartPolicy: 'Never',
      containers: [
        {
          ...shell('echo from the log; exit 1'),
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
      ],
    })
    await node.until(() => node.pod('tells')?.status.phase === 'Failed')
    const [told] = node.pod('tells')?.status.containerStatuses ?? []
    assert.equal(told?.state.terminated?.message, 'from the log\n')
    await node.createPod('done', { restartPolicy: 'Never', containers: [shell('exit 0')] })
    await node.until(() => node.pod('done')?.status.phase === 'Succeeded')
    const ready = node.pod('done')?.status.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(ready?.reason, 'PodCompleted')
    await node.createPod('lost', { containers: [{ ...idle, command: ['/no/such/program'] }] })
    const lost = () => node.pod('lost')?.status.containerStatuses?.[0]
    await node.until(() => lost()?.state.waiting?.reason === 'CrashLoopBackOff')
    const { terminated } = lost()?.lastState ?? {}
    assert.equal(terminated?.reason, 'StartError')
    assert.equal(terminated?.exitCode, 128)
    assert.match(terminated?.message ?? '', /no such file or directory/)
  })

  await t.test('resources change while a container runs', async () => {
    const resources = { requests: { cpu: '50m' }, limits: { cpu: '100m', memory: '64Mi' } }
    await node.createPod('grows', { containers: [{ ...idle, resources }] })
    await node.running('grows')
    const quota = [
      'sh',
      '-c',
      'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us || cat /sys/fs/cgroup/cpu.max',
    ]
    assert.match(await node.exec('grows', ...quota), /^10000\b/)
    const pod = node.pod('grows')
    assert.ok(pod)
    const more = { requests: { cpu: '50m' }, limits: { cpu: '200m', memory: '96Mi' } }
    const [container] = pod.spec.containers
    assert.ok(container)
    const containers = [{ ...container, resources: more }]
    await node.client.update(Pod, { ...pod, spec: { ...pod.spec, containers } })
    const status = () => node.pod('grows')?.status
    await node.until(() => status()?.containerStatuses?.[0]?.resources?.limits?.['cpu'] === '200m')
    assert.match(await node.exec('grows', ...quota), /^20000\b/)
    assert.equal(status()?.containerStatuses?.[0]?.restartCount, 0)
  })

  await t.test('a pod that writes more than it may is evicted', async () => {
    const spec = shell('dd if=/dev/zero of=/cache/x bs=1M count=3; sleep 1000')
    await node.createPod('greedy', {
      containers: [{ ...spec, volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }],
      volumes: [{ name: 'cache', emptyDir: { sizeLimit: '2Mi' } }],
    })
    await node.until(() => node.pod('greedy')?.status.phase === 'Failed')
    const { reason, message, conditions } = node.pod('greedy')?.status ?? {}
    assert.equal(reason, 'Evicted')
    assert.equal(message, 'Usage of EmptyDir volume "cache" exceeds the limit "2Mi". ')
    const disruption = conditions?.find(({ type }) => type === 'DisruptionTarget')
    assert.equal(disruption?.reason, 'TerminationByKubelet')
  })

  await t.test('security: users, capabilities, read-only roots, refusals', async () => {
    await node.createPod('careful', {
      securityContext: { runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000] },
      containers: [
        {
          ...idle,
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    })
    await node.running('careful')
    assert.equal(await node.exec('careful', 'id', '-G'), '3000 4000\n')
    await assert.rejects(node.exec('careful', 'touch', '/x'), /Read-only/)
    const status = await node.exec('careful', 'cat', '/proc/1/status')
    assert.match(status, /CapPrm:\t0000000000000000/)
    assert.match(status, /NoNewPrivs:\t1/)
    await node.createPod('root', {
      securityContext: { runAsNonRoot: true },
      containers: [idle],
    })
    const waiting = () => node.pod('root')?.status.containerStatuses?.[0]?.state.waiting
    await node.until(() => waiting()?.reason === 'CreateContainerConfigError')
    assert.match(waiting()?.message ?? '', /^container has runAsNonRoot and image will run as root/)
  })

  await t.test('probes and hooks', async () => {
    await node.createPod('probed', {
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: 'main',
          image: 'web',
          imagePullPolicy: 'IfNotPresent',
          ports: [{ name: 'http', containerPort: 80 }],
          startupProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
          readinessProbe: { httpGet: { port: 'http', path: '/' }, periodSeconds: 1 },
          livenessProbe: { exec: { command: ['test', '!', '-e', '/tmp/sick'] }, periodSeconds: 1 },
          lifecycle: {
            postStart: { exec: { command: ['sh', '-c', 'echo started > /tmp/hook'] } },
            preStop: { exec: { command: ['sh', '-c', 'sleep 0.3'] } },
          },
        },
      ],
    })
    const container = () => node.pod('probed')?.status.containerStatuses?.[0]
    await node.until(() => container()?.ready === true)
    assert.equal(await node.exec('probed', 'cat', '/tmp/hook'), 'started\n')
    await node.exec('probed', 'touch', '/tmp/sick')
    await node.until(() => container()?.restartCount === 1)
    await node.until(() => container()?.ready === true)
    assert.ok(
      node.events.some((event) => event.startsWith('probed Unhealthy: Liveness probe failed')),
    )
  })

  await t.test('init containers and sidecars', async () => {
    await node.createPod('inits', {
      restartPolicy: 'Never',
      volumes: [{ name: 'work', emptyDir: {} }],
      initContainers: [
        {
          ...shell('echo prepared > /work/file'),
          name: 'prepare',
          volumeMounts: [{ name: 'work', mountPath: '/work' }],
        },
        { ...idle, name: 'sidecar', restartPolicy: 'Always' },
      ],
      containers: [
        {
          ...shell('cat /work/file; exit 0'),
          volumeMounts: [{ name: 'work', mountPath: '/work' }],
        },
      ],
      terminationGracePeriodSeconds: 2,
    })
    await node.until(() => node.pod('inits')?.status.phase === 'Succeeded')
  })

  await t.test('the host network and shared processes', async () => {
    await node.createPod('on-host', { hostNetwork: true, containers: [idle] })
    const { status } = await node.running('on-host')
    assert.equal(status.podIP, '192.0.2.1')
    await node.createPod('shared', {
      shareProcessNamespace: true,
      containers: [idle, { ...idle, name: 'other' }],
    })
    await node.running('shared')
    assert.match(await node.exec('shared', 'ps'), /pause/)
  })

  await t.test('a killed container restarts, a restarted kubelet adopts', async () => {
    await node.createPod('phoenix', { containers: [idle] })
    await node.running('phoenix')
    const container = () => node.pod('phoenix')?.status.containerStatuses?.[0]
    const id = container()?.containerID
    await node.stopKubelet()
    await node.startKubelet()
    await node.until(() => container()?.ready === true)
    assert.equal(container()?.containerID, id)
    assert.equal(container()?.restartCount, 0)
    await node.exec('phoenix', 'kill', '-9', '1').catch(() => {})
    await node.host.runtime.stopContainer(id?.split('//')[1] ?? '', 0)
    await node.until(() => container()?.restartCount === 1 && container()?.ready === true)
  })

  await t.test('the server: logs that are followed, commands with their input', async () => {
    await node.createPod('talks', {
      containers: [
        {
          ...shell('echo first; read line < /tmp/fifo; echo $line; echo err >&2; sleep 1000'),
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
      initContainers: [
        {
          ...shell('mkfifo /tmp/fifo'),
          name: 'prepare',
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    })
    await node.running('talks')
    const server = await RealNodeServer.start(node)
    try {
      const log = await server.follow('/containerLogs/default/talks/main?follow=true')
      await node.untilAsync(async () => log.text === 'first\n')
      const command = ['sh', '-c', 'head -c 5; echo said > /tmp/fifo; exit 3'].map(
        encodeURIComponent,
      )
      const query = `command=${command.join('&command=')}&input=1&output=1&error=1`
      const answer = await server.exec(`/exec/default/talks/main?${query}`, 'hello')
      assert.equal(answer.stdout, 'hello')
      assert.match(answer.status, /"reason":"NonZeroExitCode".*"message":"3"/)
      // The runtime copies both outputs side by side: which comes first is not said.
      await node.untilAsync(async () => /^first\n(said\nerr|err\nsaid)\n$/.test(log.text))
      await node.client.delete(Pod, metadata('talks'), { gracePeriodSeconds: 1 })
      await log.ended
    } finally {
      await server.stop()
    }
  })
}
