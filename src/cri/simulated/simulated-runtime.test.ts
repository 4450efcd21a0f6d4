import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import { seededRandom } from '../../base/random.ts'
import type { ContainerEvent } from '../container-runtime.ts'
import { hasRuntimeCode, isRuntimeNotFound } from '../runtime-error.ts'
import { SimulatedRuntime } from './simulated-runtime.ts'
import { SIMULATED, type Simulation } from './simulation.ts'

const sandboxConfig = (uid: string) => ({
  metadata: { name: 'web', uid, namespace: 'default', attempt: 0 },
  logDirectory: '/logs/web',
  labels: { app: 'web' },
})
const containerConfig = {
  metadata: { name: 'main', attempt: 0 },
  image: { image: 'redis' },
  logPath: 'main/0.log',
}

function node(options: Partial<Simulation> = {}) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const runtime = new SimulatedRuntime({ clock, random, podCidr: '10.0.0.0/29', ...options })
  const startPod = async (uid: string, config = containerConfig) => {
    const sandbox = await runtime.runPodSandbox(sandboxConfig(uid))
    const container = await runtime.createContainer(sandbox, config, sandboxConfig(uid))
    await runtime.startContainer(container)
    return { sandbox, container }
  }
  return { clock, runtime, startPod }
}

test('a container runs until it is stopped, and is told of at each step', async () => {
  const { clock, runtime, startPod } = node()
  const events: ContainerEvent[] = []
  const abort = new AbortController()
  const watching = (async () => {
    for await (const event of runtime.containerEvents(abort.signal)) events.push(event)
  })()
  await settle()
  const { sandbox, container } = await startPod('u1')
  await clock.advance(86_400_000)
  const running = (await runtime.containerStatus(container)).status
  assert.equal(running?.state, 'CONTAINER_RUNNING')
  assert.equal(running.logPath, '/logs/web/main/0.log')
  await runtime.stopContainer(container, 30)
  const ended = (await runtime.containerStatus(container)).status
  assert.deepEqual(
    [ended?.state, ended?.exitCode, ended?.reason],
    ['CONTAINER_EXITED', 143, 'Error'],
  )
  assert.equal(ended?.finishedAt, (ended?.startedAt ?? 0n) + 86_400_000_000_000n)
  await runtime.removePodSandbox(sandbox)
  await settle()
  abort.abort()
  await watching
  const name = (id: string) => (id === sandbox ? 'sandbox' : 'container')
  assert.deepEqual(
    events.map((event) =>
      event.type === 'RELIST' ? 'RELIST' : `${name(event.containerId)} ${event.type.slice(10, -6)}`,
    ),
    [
      ...['RELIST', 'sandbox CREATED', 'sandbox STARTED', 'container CREATED', 'container STARTED'],
      ...['container STOPPED', 'sandbox STOPPED', 'container DELETED', 'sandbox DELETED'],
    ],
  )
  await assert.rejects(runtime.containerStatus(container), isRuntimeNotFound)
  await assert.rejects(runtime.podSandboxStatus(sandbox), isRuntimeNotFound)
  assert.equal(clock.pendingTimers, 0)
})

test('programs end by themselves, ignore the stop signal or are killed', async () => {
  const { clock, runtime, startPod } = node({
    behave: ({ sandbox }) =>
      sandbox.metadata?.uid === 'job' ? { runsForMs: 5000, exitCode: 2 } : { ignoresStop: true },
  })
  const job = await startPod('job')
  await clock.advance(4999)
  assert.equal((await runtime.containerStatus(job.container)).status?.state, 'CONTAINER_RUNNING')
  await clock.advance(1)
  assert.equal((await runtime.containerStatus(job.container)).status?.exitCode, 2)
  const stubborn = await startPod('stubborn')
  const stopping = runtime.stopContainer(stubborn.container, 30)
  await clock.advance(29_000)
  assert.equal(
    (await runtime.containerStatus(stubborn.container)).status?.state,
    'CONTAINER_RUNNING',
  )
  await clock.advance(1000)
  await stopping
  assert.equal((await runtime.containerStatus(stubborn.container)).status?.exitCode, 137)
  const victim = await startPod('victim')
  runtime.endContainer(victim.container)
  assert.equal((await runtime.containerStatus(victim.container)).status?.exitCode, 137)
})

test('addresses come from the range, are unique, come back and run out', async () => {
  const { runtime } = node()
  const run = (uid: string) => runtime.runPodSandbox(sandboxConfig(uid))
  const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(run))
  const address = async (id: string) => (await runtime.podSandboxStatus(id)).status.network?.ip
  assert.deepEqual(
    await Promise.all(ids.map(address)),
    [2, 3, 4, 5, 6].map((last) => `10.0.0.${last}`),
  )
  await assert.rejects(run('f'), /no IP addresses available in range 10.0.0.0\/29/)
  await runtime.stopPodSandbox(ids[1] ?? '')
  assert.equal(await address(await run('f')), '10.0.0.3')
  const onNode = await runtime.runPodSandbox({
    ...sandboxConfig('node'),
    linux: { securityContext: { namespaceOptions: { network: 'NODE' } } },
  })
  assert.equal(await address(onNode), '')
})

test('the same attempt cannot be made twice, nor a container started twice', async () => {
  const { runtime, startPod } = node()
  const { sandbox, container } = await startPod('u1')
  await assert.rejects(runtime.runPodSandbox(sandboxConfig('u1')), /name is reserved/)
  await assert.rejects(
    runtime.createContainer(sandbox, containerConfig, sandboxConfig('u1')),
    /name is reserved/,
  )
  await assert.rejects(runtime.startContainer(container), /container is in CONTAINER_RUNNING state/)
  await runtime.stopContainer(container, 0)
  const metadata = { name: 'main', attempt: 1 }
  await runtime.createContainer(sandbox, { ...containerConfig, metadata }, sandboxConfig('u1'))
  assert.equal((await runtime.listContainers({ podSandboxId: sandbox })).length, 2)
  const exited = { state: { state: 'CONTAINER_EXITED' as const } }
  assert.deepEqual(
    (await runtime.listContainers(exited)).map(({ id }) => id),
    [container],
  )
  assert.deepEqual(await runtime.listPodSandboxes({ labelSelector: { app: 'other' } }), [])
})

test('images are present, pullable or absent', async () => {
  const { runtime, startPod } = node({
    imageStanding: (image) => (image === 'redis' ? 'pullable' : 'absent'),
  })
  assert.equal(await runtime.imageStatus({ image: 'redis' }), undefined)
  await assert.rejects(startPod('u1'), isRuntimeNotFound)
  await assert.rejects(
    runtime.pullImage({ image: 'typo' }),
    /docker.io\/library\/typo:latest.*not found/,
  )
  const id = await runtime.pullImage({ image: 'redis' })
  assert.equal((await runtime.imageStatus({ image: 'docker.io/library/redis:latest' }))?.id, id)
  assert.deepEqual((await runtime.listImages())[0]?.repoTags, ['docker.io/library/redis:latest'])
  await runtime.removeImage({ image: id })
  assert.equal(await runtime.imageStatus({ image: 'redis' }), undefined)
})

test('commands inside are refused in clear words, or answered by the simulation', async () => {
  const plain = node()
  const { container } = await plain.startPod('u1')
  await assert.rejects(plain.runtime.execSync(container, ['ls']), (error: Error) => {
    return hasRuntimeCode(error, 'Unimplemented') && error.message.includes(SIMULATED)
  })
  const { runtime, startPod } = node({
    exec: (_, command) => ({ exitCode: 0, stdout: `ran ${command.join(' ')}` }),
  })
  const pod = await startPod('u1')
  const { stdout } = await runtime.execSync(pod.container, ['redis-cli', 'ping'])
  assert.equal(Buffer.from(stdout).toString(), 'ran redis-cli ping')
})

test('work takes as long as it is told, logs are written, use is counted', async () => {
  const written: string[] = []
  const files: Partial<FileSystem> = {
    mkdir: async () => {},
    appendFile: async (path, content) => void written.push(`${path}: ${content}`),
  }
  const { clock, runtime } = node({
    latencies: { runPodSandboxMs: 100, startContainerMs: 50 },
    files: files as FileSystem,
    behave: () => ({ logLines: ['ready'] }),
    usage: () => ({ cpuNanoCores: 500_000_000, memoryBytes: 1024 }),
  })
  const running = runtime.runPodSandbox(sandboxConfig('u1'))
  await clock.advance(99)
  assert.equal((await runtime.listPodSandboxes()).length, 0)
  await clock.advance(1)
  const sandbox = await running
  const id = await runtime.createContainer(sandbox, containerConfig, sandboxConfig('u1'))
  const starting = runtime.startContainer(id)
  await clock.advance(50)
  await starting
  assert.deepEqual(written, [
    '/logs/web/main/0.log: 2030-01-01T00:00:00.150000000Z stdout F ready\n',
  ])
  await clock.advance(10_000)
  const stats = await runtime.podSandboxStats(sandbox)
  assert.equal(stats.linux?.cpu?.usageCoreNanoSeconds, 5_000_000_000)
  assert.equal((await runtime.containerStats(id)).memory?.workingSetBytes, 1024)
})
