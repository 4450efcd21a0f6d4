import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { systemExec } from '../../src/base/exec.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { ContainerRuntime } from '../../src/cri/container-runtime.ts'
import { ContainerdHost } from '../../src/cri/containerd/containerd-host.ts'
import { systemDaemons } from '../../src/cri/containerd/daemons.ts'
import { ensureContainerd } from '../../src/cri/containerd/ensure-containerd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const PODS = 10
const CGROUP = '/wherry-bench'
const BRIDGE = 'wherry-bench0'

export interface PodStart {
  readonly sandboxMs: number
  readonly createMs: number
  readonly startMs: number
  readonly totalMs: number
}

/** Measures containerd's start and the bare CRI calls that make a pod run: the kubelet's floor. */
export async function benchCri(print: (line: string) => void): Promise<void> {
  const ability = await ensureContainerd({
    files: systemFileSystem,
    exec: systemExec,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    progress: print,
  })
  if (!ability.canRun) return print(`cri: not measured: ${ability.reason}`)
  using directory = temporaryDirectory()
  const images = join(process.cwd(), 'build', 'images')
  execFileSync(process.execPath, ['scripts/test-images.mjs', images], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const host = new ContainerdHost({
    dataDirectory: directory.path,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: systemFileSystem,
    exec: systemExec,
    daemons: systemDaemons,
    clock: systemClock,
    logger: silentLogger,
  })
  try {
    const timed = async (what: string) => {
      const started = performance.now()
      await host.start()
      print(`cri containerd ${what}: ${(performance.now() - started).toFixed(0)} ms`)
    }
    await timed('first start')
    await host.stop()
    await timed('later start')
    await timed('adopted')
    await host.loadImages(join(images, 'busybox.tar'))
    const network = { podCidr: '10.249.78.0/24', bridge: BRIDGE, masquerade: true, hostPorts: true }
    await host.configureNetwork(network)
    await networkReady(host.runtime)
    const starts = await measurePodStarts(host.runtime, 'busybox', PODS)
    const middle = (pick: (start: PodStart) => number) => median(starts.map(pick)).toFixed(0)
    print(
      `cri bare pod start, median of ${PODS}: ${middle((s) => s.totalMs)} ms (sandbox ` +
        `${middle((s) => s.sandboxMs)}, create ${middle((s) => s.createMs)}, start ` +
        `${middle((s) => s.startMs)})`,
    )
  } finally {
    await host.destroy(BRIDGE)
    removeCgroup(CGROUP)
  }
}

/** One pod after the other, each removed again: how long each of the three calls took. */
export async function measurePodStarts(
  runtime: ContainerRuntime,
  image: string,
  count: number,
): Promise<readonly PodStart[]> {
  const starts: PodStart[] = []
  for (let index = 0; index < count; index++) {
    const name = `bench-${index}`
    const sandboxConfig = {
      metadata: { name, uid: name, namespace: 'default', attempt: 0 },
      linux: { cgroupParent: CGROUP },
    }
    const container = {
      metadata: { name: 'main', attempt: 0 },
      image: { image },
      command: ['sleep', '3600'],
    }
    const begun = performance.now()
    const sandbox = await runtime.runPodSandbox(sandboxConfig)
    const sandboxMs = performance.now() - begun
    const id = await runtime.createContainer(sandbox, container, sandboxConfig)
    const createMs = performance.now() - begun - sandboxMs
    await runtime.startContainer(id)
    const totalMs = performance.now() - begun
    starts.push({ sandboxMs, createMs, startMs: totalMs - sandboxMs - createMs, totalMs })
    await runtime.stopContainer(id, 0)
    await runtime.stopPodSandbox(sandbox)
    await runtime.removePodSandbox(sandbox)
  }
  return starts
}

/** A pod's cgroup is whose name it was given by: here ours. */
function removeCgroup(name: string): void {
  const [root, hierarchies] = ['/sys/fs/cgroup', readdirSync('/sys/fs/cgroup')]
  for (const path of [root, ...hierarchies.map((hierarchy) => join(root, hierarchy))]) {
    if (existsSync(join(path, name))) rmdirSync(join(path, name))
  }
}

async function networkReady(runtime: ContainerRuntime): Promise<void> {
  for (let turn = 0; turn < 500; turn++) {
    const { status } = await runtime.status()
    if (status?.conditions.every((condition) => condition.status)) return
    await sleep(systemClock, 10)
  }
  throw new Error('the network is not ready after 5 s')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
