import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { systemExec } from '../../src/base/exec.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { ContainerChange, ContainerEvent } from '../../src/cri/container-runtime.ts'
import { ContainerdHost } from '../../src/cri/containerd/containerd-host.ts'
import { systemDaemons } from '../../src/cri/containerd/daemons.ts'
import { ensureContainerd } from '../../src/cri/containerd/ensure-containerd.ts'
import { containerdPaths } from '../../src/cri/containerd/paths.ts'
import type { ContainerConfig } from '../../src/cri/messages/container.ts'
import type { PodSandboxConfig } from '../../src/cri/messages/sandbox.ts'
import { hasRuntimeCode, isRuntimeNotFound } from '../../src/cri/runtime-error.ts'

const ability = await ensureContainerd({
  files: systemFileSystem,
  exec: systemExec,
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  progress: (message) => console.log(message),
})
const skip = ability.canRun ? false : ability.reason

const run = (command: string, ...args: string[]) => execFileSync(command, args).toString()
const tablesBefore = ability.canRun ? run('nft', 'list', 'tables') : ''

const BRIDGE = 'wherry-e2e0'
const NETWORK = { podCidr: '10.249.77.0/24', bridge: BRIDGE, masquerade: true, hostPorts: true }
const IMAGES = join(process.cwd(), 'build', 'images')
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

/** A process that adopts what another has left is, for the runtime, just another of these. */
const hostIn = (dataDirectory: string) =>
  new ContainerdHost({
    dataDirectory,
    architecture,
    files: systemFileSystem,
    exec: systemExec,
    daemons: systemDaemons,
    clock: systemClock,
    logger: silentLogger,
  })

describe('containerd of our own', { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-containerd-'))
  const logs = join(directory, 'logs')
  let host = hostIn(directory)
  const { runtime } = host
  const events: ContainerEvent[] = []
  const watch = new AbortController()
  let watching = Promise.resolve()
  const sandboxConfig: PodSandboxConfig = {
    metadata: { name: 'web', uid: 'uid-1', namespace: 'default', attempt: 0 },
    hostname: 'web',
    logDirectory: logs,
    labels: { app: 'web' },
    portMappings: [{ containerPort: 80, hostPort: 18_089 }],
    linux: { cgroupParent: '/wherry-e2e' },
  }
  let sandboxId = ''
  let containerId = ''

  before(async () => {
    execFileSync(process.execPath, ['scripts/test-images.mjs', IMAGES])
    await host.start()
    await host.configureNetwork(NETWORK)
    watching = (async () => {
      for await (const event of runtime.containerEvents(watch.signal)) events.push(event)
    })()
    await until('the network is ready', async () => {
      const { status } = await runtime.status()
      return status?.conditions.every((condition) => condition.status) === true
    })
  })

  after(async () => {
    watch.abort()
    await watching
    await host.destroy(BRIDGE)
    removeCgroups('wherry-e2e')
    rmSync(directory, { recursive: true })
    assert.deepEqual(tracesOf(directory), [])
  })

  const startContainer = async (name: string, config: ContainerConfig): Promise<string> => {
    const id = await runtime.createContainer(
      sandboxId,
      { metadata: { name, attempt: 0 }, logPath: `${name}.log`, ...config },
      sandboxConfig,
    )
    await runtime.startContainer(id)
    return id
  }

  const changeOf = (id: string, type: ContainerChange['type']) =>
    events.find((event) => event.type === type && event.containerId === id)

  test('the node’s version and pinned pause image', async () => {
    assert.equal((await runtime.version()).runtimeName, 'containerd')
    const images = await runtime.listImages()
    assert.deepEqual(
      images.map(({ repoTags, pinned }) => [...repoTags, pinned]),
      [['wherry.local/pause:1', true]],
    )
  })

  test('loaded images resolve by their short names, others are refused', async () => {
    for (const name of ['busybox', 'web', 'redis']) {
      const [image] = await host.loadImages(join(IMAGES, `${name}.tar`))
      assert.equal(image?.reference, `docker.io/library/${name}:latest`)
      const status = await runtime.imageStatus({ image: name })
      assert.equal(await runtime.pullImage({ image: name }), status?.id)
    }
    assert.equal(await runtime.imageStatus({ image: 'nowhere.invalid/none' }), undefined)
    await assert.rejects(runtime.pullImage({ image: 'nowhere.invalid/none' }), /rpc error: code = /)
  })

  test('a pod runs with an address, a log and a port of the node', async () => {
    sandboxId = await runtime.runPodSandbox(sandboxConfig)
    const { status } = await runtime.podSandboxStatus(sandboxId)
    assert.equal(status?.state, 'SANDBOX_READY')
    assert.match(status.network?.ip ?? '', /^10\.249\.77\.\d+$/)
    containerId = await startContainer('server', {
      image: { image: 'web' },
      command: ['sh', '-c', 'echo hello; echo oops >&2; exec httpd -f -p 80 -h /www'],
    })
    const url = `http://${status.network?.ip}/`
    await until('the pod answers', async () => (await fetch(url)).ok)
    assert.match(await (await fetch(url)).text(), /Served from a pod/)
    const address = firstAddress(BRIDGE)
    assert.match(await (await fetch(`http://${address}:18089/`)).text(), /Served from a pod/)
    assert.match(readFileSync(join(logs, 'server.log'), 'utf8'), /^\S+ stdout F hello$/m)
    assert.match(readFileSync(join(logs, 'server.log'), 'utf8'), /^\S+ stderr F oops$/m)
  })

  test('programs run inside it, with their exit code and in time', async () => {
    const ran = await runtime.execSync(
      containerId,
      ['sh', '-c', 'hostname; echo no >&2; exit 3'],
      5,
    )
    assert.deepEqual(
      [ran.exitCode, Buffer.from(ran.stdout).toString(), Buffer.from(ran.stderr).toString()],
      [3, 'web\n', 'no\n'],
    )
    await assert.rejects(runtime.execSync(containerId, ['sleep', '60'], 1), (error) =>
      hasRuntimeCode(error, 'DeadlineExceeded'),
    )
    const abort = new AbortController()
    const call = runtime.execSync(containerId, ['sleep', '60'], 0, { signal: abort.signal })
    abort.abort(new Error('not wanted any more'))
    await assert.rejects(call, /not wanted any more/)
    const streams = { tty: false, stdin: false, stdout: true, stderr: true }
    const url = await runtime.exec({ containerId, cmd: ['true'], ...streams })
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/exec\//)
  })

  test('limits change while it runs, its log moves on', async () => {
    await runtime.updateContainerResources(containerId, { cpuShares: 512 })
    const log = join(logs, 'server.log')
    renameSync(log, `${log}.1`)
    await runtime.reopenContainerLog(containerId)
    assert.equal(readFileSync(log, 'utf8'), '')
    const stats = await runtime.containerStats(containerId)
    assert.equal(stats?.attributes?.id, containerId)
    assert.ok((stats?.memory?.workingSetBytes ?? 0) > 0)
    assert.deepEqual(
      (await runtime.listContainerStats({ podSandboxId: sandboxId })).map(
        (one) => one.attributes?.id,
      ),
      [containerId],
    )
  })

  test('kill -9 of its process is told at once, when its status shows it', async () => {
    const id = await startContainer('victim', {
      image: { image: 'busybox' },
      command: ['sleep', '3600'],
    })
    await until(
      'its start is told',
      async () => changeOf(id, 'CONTAINER_STARTED_EVENT') !== undefined,
    )
    const killedAt = systemClock.monotonic()
    process.kill(await processIdOf(id), 'SIGKILL')
    await until(
      'its end is told',
      async () => changeOf(id, 'CONTAINER_STOPPED_EVENT') !== undefined,
    )
    const delayMs = systemClock.monotonic() - killedAt
    assert.equal(
      (changeOf(id, 'CONTAINER_STOPPED_EVENT') as ContainerChange).podSandboxId,
      sandboxId,
    )
    const { status } = await runtime.containerStatus(id)
    assert.equal(status?.state, 'CONTAINER_EXITED')
    assert.equal(status.exitCode, 137)
    assert.ok(status.finishedAt > status.startedAt)
    console.log(`the end of a container was told after ${Math.round(delayMs)} ms`)
    assert.ok(delayMs < 1000, `told after ${delayMs} ms`)
    await runtime.removeContainer(id)
    await runtime.removeContainer(id)
    await assert.rejects(runtime.containerStatus(id), isRuntimeNotFound)
    await until(
      'its removal is told',
      async () => changeOf(id, 'CONTAINER_DELETED_EVENT') !== undefined,
    )
  })

  test('redis answers PING', async () => {
    const id = await startContainer('redis', { image: { image: 'redis' } })
    await until('it answers', async () => {
      const { stdout } = await runtime.execSync(id, ['redis-cli', 'ping'], 5)
      return Buffer.from(stdout).toString() === 'PONG\n'
    })
    await runtime.stopContainer(id, 5)
    const { status } = await runtime.containerStatus(id)
    assert.deepEqual([status?.exitCode, status?.reason], [0, 'Completed'])
  })

  test('pause reaps orphans of a shared process namespace and ends when told', async () => {
    const config: PodSandboxConfig = {
      ...sandboxConfig,
      metadata: { name: 'shared', uid: 'uid-2', namespace: 'default', attempt: 0 },
      portMappings: [],
      linux: {
        cgroupParent: '/wherry-e2e',
        securityContext: { namespaceOptions: { pid: 'POD' } },
      },
    }
    const id = await runtime.runPodSandbox(config)
    const child = await runtime.createContainer(
      id,
      {
        metadata: { name: 'orphans', attempt: 0 },
        image: { image: 'busybox' },
        command: ['sh', '-c', '(sleep 0.05 &); sleep 3600'],
        linux: { securityContext: { namespaceOptions: { pid: 'POD' } } },
      },
      config,
    )
    await runtime.startContainer(child)
    await until('the orphan is reaped', async () => {
      const { stdout } = await runtime.execSync(child, ['ps', '-o', 'pid,stat,comm'], 5)
      const lines = Buffer.from(stdout).toString().trim().split('\n').slice(1)
      assert.equal(lines.filter((line) => /^\s*1 .*pause/.test(line)).length, 1)
      return (
        lines.filter((line) => line.includes('sleep')).length === 1 && !lines.join().includes(' Z')
      )
    })
    const startedAt = systemClock.monotonic()
    await runtime.stopContainer(child, 0)
    await runtime.stopPodSandbox(id)
    assert.ok(systemClock.monotonic() - startedAt < 5000)
    await runtime.removePodSandbox(id)
    await assert.rejects(runtime.podSandboxStatus(id), isRuntimeNotFound)
  })

  test('the daemon is adopted alive, and its containers after it has ended', async () => {
    const processId = await processIdOf(containerId)
    await host.disconnect()
    host = hostIn(directory)
    assert.equal(await host.start(), true)
    const relists = () => events.filter(({ type }) => type === 'RELIST').length
    const noticed = (count: number) => until('the watch has noticed', async () => relists() > count)
    let relistsBefore = relists()
    await host.stop()
    host = hostIn(directory)
    assert.equal(await host.start(), false)
    await noticed(relistsBefore)
    relistsBefore = relists()
    const abort = new AbortController()
    const keeping = host.keepRunning(abort.signal)
    const killed = readFileSync(host.paths.processId, 'utf8')
    process.kill(Number(killed), 'SIGKILL')
    await until('it runs again', async () => {
      await host.runtime.version()
      return readFileSync(host.paths.processId, 'utf8') !== killed
    })
    abort.abort()
    await keeping
    const { status } = await host.runtime.containerStatus(containerId)
    assert.equal(status?.state, 'CONTAINER_RUNNING')
    assert.equal(await processIdOf(containerId), processId)
    await noticed(relistsBefore)
    await host.runtime.stopContainer(containerId, 0)
    await until('events flow again', async () => {
      return changeOf(containerId, 'CONTAINER_STOPPED_EVENT') !== undefined
    })
  })

  async function processIdOf(id: string): Promise<number> {
    const { info } = await host.runtime.containerStatus(id, true)
    return (JSON.parse(info['info'] ?? '{}') as { pid: number }).pid
  }
})

test('a data directory with a long path works', { skip }, async () => {
  const parent = mkdtempSync(join(tmpdir(), 'wherry-long-'))
  const dataDirectory = join(parent, 'a'.repeat(60), 'b'.repeat(60))
  const host = hostIn(dataDirectory)
  await host.start()
  assert.ok(host.paths.socket.length < 100)
  assert.equal((await host.runtime.version()).runtimeName, 'containerd')
  await host.destroy()
  rmSync(parent, { recursive: true })
  assert.deepEqual(tracesOf(dataDirectory), [])
})

/** What a careless runtime leaves behind of ours: others may use containers on this machine too. */
function tracesOf(directory: string): string[] {
  const { socketDirectory } = containerdPaths(directory)
  const tables = run('nft', 'list', 'tables').split('\n')
  const rules = run('iptables-save', '-t', 'nat').split('\n')
  return [
    ...run('ps', '-eo', 'stat,args')
      .split('\n')
      .filter((line) => line.includes(directory)),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(directory)),
    ...run('ip', '-o', 'link')
      .split('\n')
      .filter((line) => line.includes(BRIDGE)),
    ...rules.filter((line) => /10\.249\.77\.|18089/.test(line)),
    ...tables.filter((table) => !tablesBefore.includes(table)),
    ...readdirSync('/run').filter((name) => `/run/${name}` === socketDirectory),
    ...(existsSync(directory) ? [directory] : []),
  ]
}

function firstAddress(link: string): string {
  const text = execFileSync('ip', ['-4', '-o', 'address', 'show', link]).toString()
  return /inet ([\d.]+)/.exec(text)?.[1] ?? assert.fail(`${link} has no address`)
}

/** Pods' cgroups are their maker's to remove: here this test's. */
function removeCgroups(name: string): void {
  const found = execFileSync('find', [
    '/sys/fs/cgroup',
    '-depth',
    '-type',
    'd',
    '-path',
    `*/${name}*`,
  ])
  for (const path of found.toString().split('\n').filter(Boolean)) execFileSync('rmdir', [path])
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = systemClock.monotonic() + 10_000
  let last: unknown
  while (systemClock.monotonic() < end) {
    try {
      if (await isSo()) return
    } catch (error) {
      last = error
    }
    await sleep(systemClock, 10)
  }
  throw new Error(`not reached within 10 s: ${what}`, { cause: last })
}
