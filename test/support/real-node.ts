import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { systemExec } from '../../src/base/exec.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { createLogger, type Logger, silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { ContainerdHost } from '../../src/cri/containerd/containerd-host.ts'
import { systemDaemons } from '../../src/cri/containerd/daemons.ts'
import { ensureContainerd } from '../../src/cri/containerd/ensure-containerd.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { Kubelet } from '../../src/kubelet/kubelet.ts'
import type { KubeletDisk } from '../../src/kubelet/kubelet-options.ts'
import { systemLogFiles } from '../../src/kubelet/logs/log-files.ts'
import { SystemMachine } from '../../src/kubelet/node/machine.ts'
import { SystemProbeNetwork } from '../../src/kubelet/probes/system-probe-network.ts'
import { systemHostPaths } from '../../src/kubelet/volumes/host-paths.ts'
import { SystemMounter } from '../../src/kubelet/volumes/mounter.ts'
import type { DraftOf } from '../../src/machinery/kind.ts'
import { SimulatedApi } from './simulated-api.ts'

const BRIDGE = 'wherry-kubelet0'

/** A kubelet with real containers below one directory, and an API in memory. */
export class RealNode {
  readonly api = new SimulatedApi(systemClock, seededRandom(Date.now()))
  readonly client = new ApiClient(this.api)
  readonly events: string[] = []
  readonly host: ContainerdHost
  readonly disk: KubeletDisk
  readonly #logger: Logger
  #kubelet: Kubelet | undefined
  #stop: AbortController | undefined
  #running: Promise<unknown> | undefined

  constructor(directory: string, isVerbose = false) {
    this.#logger = isVerbose
      ? createLogger((level, message, fields) =>
          process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`),
        )
      : silentLogger
    this.host = new ContainerdHost({
      dataDirectory: join(directory, 'containerd'),
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      files: systemFileSystem,
      exec: systemExec,
      daemons: systemDaemons,
      clock: systemClock,
      logger: silentLogger,
    })
    this.disk = {
      files: systemFileSystem,
      paths: systemHostPaths,
      mounter: new SystemMounter(systemExec, systemFileSystem),
      rootDirectory: join(directory, 'kubelet'),
      logRoot: join(directory, 'logs'),
    }
  }

  /** Why no real containers can run here; undefined where they can. */
  static async obstacle(): Promise<string | undefined> {
    const ability = await ensureContainerd({
      files: systemFileSystem,
      exec: systemExec,
      platform: process.platform,
      isRoot: process.getuid?.() === 0,
      progress: () => {},
    })
    return ability.canRun ? undefined : ability.reason
  }

  get kubelet(): Kubelet {
    if (this.#kubelet === undefined) throw new Error('the kubelet does not run')
    return this.#kubelet
  }

  async startContainerd(): Promise<void> {
    const images = join(process.cwd(), 'build', 'images')
    execFileSync(process.execPath, ['scripts/test-images.mjs', images])
    await this.host.start()
    for (const name of ['busybox', 'web']) await this.host.loadImages(join(images, `${name}.tar`))
    await this.host.configureNetwork({
      podCidr: '10.251.7.0/24',
      bridge: BRIDGE,
      masquerade: true,
      hostPorts: true,
    })
  }

  async startKubelet(): Promise<void> {
    const { client, disk } = this
    const clock = systemClock
    const random = seededRandom(5)
    const logger = this.#logger
    await systemFileSystem.mkdir(disk.rootDirectory)
    const informers = new SharedInformers({ client, clock, random, logger: silentLogger })
    this.#kubelet = new Kubelet({
      nodeName: 'node-1',
      nodeIps: ['192.0.2.1'],
      ...{ client, informers, clock, random, logger, disk },
      runtime: this.host.runtime,
      recorder: {
        event: ({ metadata }, _type, reason, message) =>
          void this.events.push(`${metadata.name} ${reason}: ${message}`),
      },
      machine: new SystemMachine(systemFileSystem, disk.rootDirectory),
      network: new SystemProbeNetwork(clock),
      logFiles: systemLogFiles,
      clusterDns: { servers: ['10.96.0.10'], domain: 'cluster.local' },
      hostResolver: { servers: ['192.0.2.53'], searches: [], options: [] },
      port: 0,
    })
    this.#stop = new AbortController()
    const { signal } = this.#stop
    this.#running = Promise.all([informers.run(signal), this.#kubelet.run(signal)])
    await this.until(() => {
      const conditions = this.#kubelet?.hasPods === true ? this.kubelet.node.status.conditions : []
      return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
    })
  }

  async stopKubelet(): Promise<void> {
    this.#stop?.abort()
    await this.#running
  }

  async destroy(): Promise<void> {
    await this.stopKubelet()
    for (const point of await this.disk.mounter.mountPointsBelow(this.disk.rootDirectory)) {
      await this.disk.mounter.unmount(point)
    }
    await this.host.destroy(BRIDGE)
  }

  createPod(name: string, spec: object, metadata: object = {}): Promise<Pod> {
    return this.client.create(Pod, {
      metadata: { name, namespace: 'default', ...metadata },
      spec: { nodeName: 'node-1', ...spec },
    } as DraftOf<typeof Pod>)
  }

  pod(name: string): Pod | undefined {
    return this.api.list(Pod).find(({ metadata }) => metadata.name === name)
  }

  /** Waits for a state, not for a time; throws with what there is after half a minute. */
  async until(isDone: () => boolean, withinMs = 30_000): Promise<void> {
    const end = systemClock.monotonic() + withinMs
    while (!isDone()) {
      if (systemClock.monotonic() > end) {
        const pods = this.api.list(Pod).map(({ status }) => status)
        throw new Error(`not reached: ${this.events.slice(-12).join('\n')} ${JSON.stringify(pods)}`)
      }
      await sleep(systemClock, 2)
    }
  }

  /** As `until`, for what must be asked for. */
  async untilAsync(isDone: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
    const end = systemClock.monotonic() + withinMs
    while (!(await isDone())) {
      if (systemClock.monotonic() > end) throw new Error(`not reached: ${this.events.join('\n')}`)
      await sleep(systemClock, 20)
    }
  }

  async running(name: string): Promise<Pod> {
    await this.until(() => this.pod(name)?.status.phase === 'Running')
    return this.pod(name) as Pod
  }

  /** What a command in a container prints. */
  async exec(podName: string, ...command: readonly string[]): Promise<string> {
    const id = this.pod(podName)?.status.containerStatuses?.[0]?.containerID?.split('//')[1] ?? ''
    const { stdout, stderr, exitCode } = await this.host.runtime.execSync(id, command, 10)
    if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${Buffer.from(stderr)}`)
    return Buffer.from(stdout).toString()
  }
}
