import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import { containerConfig } from './container-config.ts'
import { readContainerAnnotations } from './labels.ts'
import { startsToldByLogs } from './log-paths.ts'
import { oomScoreAdjust, qosClassOf } from './qos.ts'
import { containerResources, cpuQuota, cpuShares } from './resources.ts'
import { sandboxConfig } from './sandbox-config.ts'
import { verifyRunsAsNonRoot } from './security-context.ts'

const GIB = 2 ** 30
const main = (more: object) => ({ containers: [{ name: 'main', image: 'busybox', ...more }] })

function configOf(spec: object) {
  const pod = storedPod(spec)
  const [container] = pod.spec.containers
  assert.ok(container !== undefined)
  return containerConfig(pod, container, {
    restartCount: 2,
    imageRef: 'sha256:1',
    imageUser: { uid: 7, username: '' },
    environment: new Map([['WHO', 'you']]),
    mounts: [],
    nodeMemoryBytes: 8 * GIB,
    seccompRoot: '/seccomp',
  })
}

test('a container is named, labelled and logged as upstream does', () => {
  const config = configOf(main({ command: ['echo', '$(WHO)'], args: ['$(WHAT)'] }))
  assert.deepEqual(config.metadata, { name: 'main', attempt: 2 })
  assert.deepEqual(config.command, ['echo', 'you'])
  assert.deepEqual(config.args, ['$(WHAT)'])
  assert.equal(config.logPath, 'main/2.log')
  assert.deepEqual(config.labels, {
    'io.kubernetes.container.name': 'main',
    'io.kubernetes.pod.name': 'web',
    'io.kubernetes.pod.namespace': 'default',
    'io.kubernetes.pod.uid': 'uid-1',
  })
  const annotated = readContainerAnnotations(config.annotations ?? {})
  assert.equal(annotated.restartCount, 2)
  assert.equal(annotated.terminationMessagePath, '/dev/termination-log')
  assert.equal(annotated.gracePeriodSeconds, 30)
  assert.equal(config.linux?.securityContext?.runAsUser, 7)
  assert.deepEqual(config.linux?.securityContext?.seccomp, { profileType: 'Unconfined' })
})

test('security contexts: the container over its pod', () => {
  const { securityContext } =
    configOf({
      ...main({
        securityContext: {
          runAsUser: 5,
          privileged: true,
          procMount: 'Unmasked',
          seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' },
        },
      }),
      securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4] },
      shareProcessNamespace: true,
      hostIPC: true,
    }).linux ?? {}
  assert.equal(securityContext?.runAsUser, 5)
  assert.equal(securityContext?.runAsGroup, 2)
  assert.deepEqual(securityContext?.supplementalGroups, [3, 4])
  assert.equal(securityContext?.privileged, true)
  assert.deepEqual(securityContext?.maskedPaths, [])
  assert.deepEqual(securityContext?.seccomp, {
    profileType: 'Localhost',
    localhostRef: '/seccomp/p.json',
  })
  assert.deepEqual(securityContext?.namespaceOptions, { network: 'POD', ipc: 'NODE', pid: 'POD' })
})

test('who must not be root is refused in upstream words', () => {
  const check = (context: object, image: { uid?: number; username: string }) => () => {
    const pod = storedPod({ securityContext: { runAsNonRoot: true, ...context } })
    const [container] = pod.spec.containers
    assert.ok(container !== undefined)
    verifyRunsAsNonRoot(pod, container, image)
  }
  const who = '(pod: "web_default(uid-1)", container: main)'
  const root = { uid: 0, username: '' }
  assert.throws(check({}, root), {
    message: `container has runAsNonRoot and image will run as root ${who}`,
  })
  assert.throws(check({ runAsUser: 0 }, { uid: 5, username: '' }), {
    message: `container's runAsUser breaks non-root policy ${who}`,
  })
  assert.throws(check({}, { username: 'redis' }), {
    message:
      'container has runAsNonRoot and image has non-numeric user (redis), cannot verify user is ' +
      `non-root ${who}`,
  })
  check({ runAsUser: 5 }, root)()
  check({ runAsNonRoot: false }, root)()
})

test('cgroup limits', () => {
  assert.deepEqual([0, 1, 500, 1000, 1e9].map(cpuShares), [2, 2, 512, 1024, 262_144])
  assert.deepEqual([0, 1, 500, 2000].map(cpuQuota), [0, 1000, 50_000, 200_000])
  const limits = { cpu: '500m', memory: '64Mi' }
  const pod = storedPod(main({ resources: { limits, requests: { cpu: '100m' } } }))
  const [container] = pod.spec.containers
  assert.ok(container !== undefined)
  assert.deepEqual(containerResources(pod, container, 8 * GIB), {
    cpuShares: 102,
    cpuPeriod: 100_000,
    cpuQuota: 50_000,
    memoryLimitInBytes: 64 * 2 ** 20,
    oomScoreAdj: 999,
  })
})

test('classes of service, and who is killed first', () => {
  const both = { cpu: '1', memory: '1Gi' }
  const of = (resources: object, priority?: number) => {
    const pod = storedPod({ ...main({ resources }), priority })
    const [container] = pod.spec.containers
    assert.ok(container !== undefined)
    return [qosClassOf(pod), oomScoreAdjust(pod, container, 4 * GIB)]
  }
  assert.deepEqual(of({}), ['BestEffort', 1000])
  assert.deepEqual(of({ limits: both, requests: both }), ['Guaranteed', -997])
  assert.deepEqual(of({ requests: both }), ['Burstable', 750])
  assert.deepEqual(of({ limits: { cpu: '1' }, requests: { cpu: '1' } }), ['Burstable', 999])
  assert.deepEqual(of({}, 2_000_000_000), ['BestEffort', -997])
})

test('a sandbox', () => {
  const pod = storedPod(
    {
      containers: [
        { name: 'a', ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }] },
        { name: 'b', ports: [{ containerPort: 81, protocol: 'TCP' }] },
      ],
      securityContext: { sysctls: [{ name: 'net/core/somaxconn', value: '9' }] },
    },
    { labels: { app: 'x' }, annotations: { note: 'y' } },
  )
  const settings = { clusterDomain: 'cluster.local', cgroupParent: '', logRoot: '/logs' }
  const dns = { servers: ['10.96.0.10'], searches: [], options: [] }
  const config = sandboxConfig(pod, 1, { ...settings, dns })
  assert.equal(config.logDirectory, '/logs/default_web_uid-1')
  assert.equal(config.hostname, 'web')
  assert.equal(config.labels?.['app'], 'x')
  assert.deepEqual(config.portMappings, [
    { protocol: 'TCP', containerPort: 80, hostPort: 8080, hostIp: '' },
  ])
  assert.deepEqual(config.linux?.sysctls, { 'net.core.somaxconn': '9' })
  const onHost = sandboxConfig(storedPod({ hostNetwork: true }), 0, { ...settings, dns })
  assert.equal(onHost.hostname, '')
})

test('logs that are there count as starts', () => {
  assert.equal(startsToldByLogs([]), 0)
  assert.equal(startsToldByLogs(['0.log', '3.log', '1.log.20300101', 'x.log', '12']), 4)
})
