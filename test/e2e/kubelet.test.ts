import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { Secret } from '../../src/kinds/core/v1/secret.ts'
import { Service } from '../../src/kinds/core/v1/service.ts'
import { ServiceAccount } from '../../src/kinds/core/v1/service-account.ts'
import { RealNode } from '../support/real-node.ts'
import { RealNodeServer } from '../support/real-node-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const image = { image: 'busybox', imagePullPolicy: 'IfNotPresent' } as const
const idle = { name: 'main', command: ['sleep', '1000'], ...image } as const
const shell = (script: string) => ({ name: 'main', command: ['sh', '-c', script], ...image })
const metadata = (name: string) => ({ name, namespace: 'default' })

test('a kubelet with real containers', async (t) => {
  const obstacle = await RealNode.obstacle()
  if (obstacle !== undefined) return t.skip(obstacle)
  using directory = temporaryDirectory()
  const node = new RealNode(directory.path, process.env['VERBOSE'] !== undefined)
  try {
    await node.startContainerd()
    await node.startKubelet()
    await runChecks(t, node)
  } finally {
    await node.destroy()
  }
})

async function runChecks(t: TestContext, node: RealNode): Promise<void> {
  await t.test('a pod runs with its own address, name, hosts and resolver', async () => {
    await node.createPod('web', {
      containers: [idle],
      hostname: 'first',
      subdomain: 'group',
      hostAliases: [{ ip: '192.0.2.9', hostnames: ['friend'] }],
    })
    const { status } = await node.running('web')
    assert.match(status.podIP ?? '', /^10\.251\.7\./)
    assert.equal(await node.exec('web', 'hostname'), 'first\n')
    const hosts = await node.exec('web', 'cat', '/etc/hosts')
    assert.match(hosts, new RegExp(`${status.podIP}\tfirst.group.default.svc.cluster.local\tfirst`))
    assert.match(hosts, /192\.0\.2\.9\tfriend/)
    assert.equal(
      await node.exec('web', 'cat', '/etc/resolv.conf'),
      'search default.svc.cluster.local svc.cluster.local cluster.local\n' +
        'nameserver 10.96.0.10\noptions ndots:5\n',
    )
  })

  await t.test('variables come from everywhere', async () => {
    await node.client.create(ConfigMap, { metadata: metadata('settings'), data: { COLOUR: 'red' } })
    const password = Buffer.from('s3cret').toString('base64')
    await node.client.create(Secret, { metadata: metadata('keys'), data: { password } })
    await node.client.create(Service, {
      metadata: metadata('red-is'),
      spec: { clusterIP: '10.96.0.7', ports: [{ port: 6379, targetPort: 6379 }] },
    })
    await node.createPod('env', {
      serviceAccountName: 'robot',
      containers: [
        {
          ...idle,
          resources: { limits: { cpu: '500m', memory: '64Mi' } },
          envFrom: [{ prefix: 'C_', configMapRef: { name: 'settings' } }],
          env: [
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
            { name: 'BOTH', value: '$(C_COLOUR)-$(NODE)-$$(NODE)-$(NOBODY)' },
          ],
        },
      ],
    })
    const { status } = await node.running('env')
    const variables = new Set((await node.exec('env', 'env')).split('\n'))
    for (const expected of [
      'C_COLOUR=red',
      'PASSWORD=s3cret',
      'NODE=node-1',
      `IP=${status.podIP}`,
      `LIMIT=${64 * 1024 * 1024}`,
      'BOTH=red-node-1-$(NODE)-$(NOBODY)',
      'RED_IS_SERVICE_HOST=10.96.0.7',
      'RED_IS_PORT_6379_TCP=tcp://10.96.0.7:6379',
    ]) {
      assert.ok(variables.has(expected), `${expected} in ${[...variables].join(' ')}`)
    }
    const limit = '/sys/fs/cgroup/memory/memory.limit_in_bytes'
    const unified = '/sys/fs/cgroup/memory.max'
    const bytes = await node.exec('env', 'sh', '-c', `cat ${limit} 2>/dev/null || cat ${unified}`)
    assert.equal(Number(bytes), 64 * 1024 * 1024)
  })

  await t.test('volumes: what they hold, who may read it, and how it changes', async () => {
    await node.client.create(ServiceAccount, { metadata: metadata('default') })
    await node.createPod(
      'volumes',
      {
        securityContext: { fsGroup: 2000 },
        containers: [
          {
            ...idle,
            volumeMounts: [
              { name: 'scratch', mountPath: '/scratch' },
              { name: 'memory', mountPath: '/memory' },
              { name: 'settings', mountPath: '/settings' },
              { name: 'settings', mountPath: '/single/colour', subPath: 'colour' },
              { name: 'keys', mountPath: '/keys' },
              { name: 'all', mountPath: '/all' },
              { name: 'scratch', mountPath: '/part', subPath: 'a/b' },
              { name: 'host', mountPath: '/host', readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: 'scratch', emptyDir: {} },
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          {
            name: 'settings',
            configMap: { name: 'settings', items: [{ key: 'COLOUR', path: 'colour' }] },
          },
          { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } },
          {
            name: 'all',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
                { configMap: { name: 'absent', optional: true } },
                {
                  downwardAPI: {
                    items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }],
                  },
                },
              ],
            },
          },
          { name: 'host', hostPath: { path: '/etc', type: 'Directory' } },
        ],
      },
      { labels: { app: 'volumes' } },
    )
    await node.running('volumes')
    const read = (path: string) => node.exec('volumes', 'cat', path)
    assert.equal(await read('/settings/colour'), 'red')
    assert.equal(await read('/single/colour'), 'red')
    assert.equal(await read('/keys/password'), 's3cret')
    assert.equal(await read('/all/token'), 'token-default-')
    assert.equal(await read('/all/labels'), 'app="volumes"')
    await node.exec('volumes', 'sh', '-c', 'echo here > /part/file')
    assert.equal(await read('/scratch/a/b/file'), 'here\n')
    const modes = await node.exec(
      'volumes',
      'stat',
      '-L',
      '-c',
      '%a %g',
      '/keys/password',
      '/scratch',
    )
    assert.equal(modes, '440 2000\n2777 2000\n')
    const mounts = await read('/proc/mounts')
    assert.match(mounts, /tmpfs \/memory tmpfs .*size=1024k/)
    assert.match(mounts, /tmpfs \/keys tmpfs ro/)
    await assert.rejects(node.exec('volumes', 'touch', '/host/x'), /Read-only/)

    const settings = await node.client.get(ConfigMap, metadata('settings'))
    await node.client.update(ConfigMap, { ...settings, data: { COLOUR: 'blue' } })
    const pod = node.pod('volumes') as Pod
    await node.client.update(Pod, {
      ...pod,
      metadata: { ...pod.metadata, labels: { app: 'changed' } },
    })
    const directory = join(node.disk.rootDirectory, 'pods', pod.metadata.uid, 'volumes')
    assert.deepEqual(readdirSync(directory).toSorted(), [
      'kubernetes.io~configmap',
      'kubernetes.io~empty-dir',
      'kubernetes.io~projected',
      'kubernetes.io~secret',
    ])
    await node.untilAsync(async () => (await read('/settings/colour')) === 'blue')
    await node.untilAsync(async () => (await read('/all/labels')) === 'app="changed"')
    assert.equal(await read('/single/colour'), 'red', 'a subPath stays what it was')
  })

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

  await t.test('everything goes when pods go', async () => {
    for (const { metadata: m } of node.api.list(Pod)) {
      await node.client.delete(Pod, metadata(m.name), { gracePeriodSeconds: 1 })
    }
    await node.until(() => node.api.list(Pod).length === 0)
    const left = async () => [
      ...(await node.host.runtime.listPodSandboxes()),
      ...(await node.disk.files.readDirectory(join(node.disk.rootDirectory, 'pods'))),
      ...(await node.disk.files.readDirectory(node.disk.logRoot)),
    ]
    await node.untilAsync(async () => (await left()).length === 0)
    const secrets = join(node.disk.rootDirectory, 'secrets')
    assert.deepEqual(await node.disk.files.readDirectory(secrets), [])
    const mounts = await node.disk.mounter.mountPointsBelow(node.disk.rootDirectory)
    assert.deepEqual(mounts, [secrets])
    await node.disk.mounter.unmount(secrets)
  })
}
