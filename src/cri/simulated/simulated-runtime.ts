import { sleep } from '../../base/clock.ts'
import type { CallOptions, ContainerEvent, ContainerRuntime } from '../container-runtime.ts'
import { EventQueue } from '../event-queue.ts'
import type { ContainerConfig, ContainerFilter } from '../messages/container.ts'
import type { AuthConfig, ImageSpec } from '../messages/image.ts'
import type { LinuxContainerResources } from '../messages/resources.ts'
import type { PodSandboxConfig, PodSandboxFilter } from '../messages/sandbox.ts'
import type { ContainerStatsFilter, PodSandboxStatsFilter } from '../messages/stats.ts'
import { RuntimeError } from '../runtime-error.ts'
import {
  type ContainerRecord,
  containerMatches,
  containerStatusView,
  containerView,
  type SandboxRecord,
  sandboxMatches,
  sandboxStatusView,
  sandboxView,
} from './simulated-containers.ts'
import { SimulatedImages } from './simulated-images.ts'
import { writeLogLines } from './simulated-log.ts'
import { KILLED, SimulatedPods } from './simulated-pods.ts'
import { containerStatsOf, sandboxStatsOf } from './simulated-stats.ts'
import {
  IDLE_USAGE,
  IMMEDIATE,
  type Latencies,
  SIMULATED,
  type SimulatedProgram,
  type Simulation,
} from './simulation.ts'

/** What a process that SIGTERM has ended leaves as its exit code. */
const TERMINATED = 143

/**
 * A runtime in memory: sandboxes and containers come and go as in a real one, with events, times,
 * addresses and logs, but no program runs. For simulated nodes by the thousand, and for tests.
 */
export class SimulatedRuntime implements ContainerRuntime {
  readonly #simulation: Simulation
  readonly #latencies: Latencies
  readonly #images: SimulatedImages
  readonly #pods: SimulatedPods
  readonly #watches = new Set<EventQueue<ContainerEvent>>()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.#latencies = { ...IMMEDIATE, ...simulation.latencies }
    this.#images = new SimulatedImages(simulation.imageStanding ?? (() => 'present'))
    this.#pods = new SimulatedPods({
      ...simulation,
      tell: (type, containerId, podSandboxId) => {
        const event = { type, containerId, podSandboxId, createdAt: this.#pods.now() }
        for (const queue of this.#watches) queue.push(event)
      },
    })
  }

  /** Ends a running container as if its process had died; 137 is what SIGKILL leaves. */
  endContainer(id: string, exitCode = KILLED): void {
    this.#pods.end(this.#pods.container(id, 'endContainer'), exitCode)
  }

  async version() {
    return {
      version: '0.1.0',
      runtimeName: 'simulated',
      runtimeVersion: '1.0.0',
      runtimeApiVersion: 'v1',
    }
  }

  async status() {
    const ready = { status: true, reason: '', message: '' }
    const conditions = ['RuntimeReady', 'NetworkReady'].map((type) => ({ ...ready, type }))
    return { status: { conditions }, info: {}, runtimeHandlers: [] }
  }

  async runtimeConfig() {
    return { linux: { cgroupDriver: 'CGROUPFS' as const } }
  }

  async updateRuntimeConfig() {}

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler = '', options?: CallOptions) {
    await this.#work('runPodSandboxMs', options)
    return this.#pods.addSandbox(config, runtimeHandler).id
  }

  async stopPodSandbox(id: string) {
    const sandbox = this.#pods.findSandbox(id)
    if (sandbox !== undefined) this.#pods.stopSandbox(sandbox)
  }

  async removePodSandbox(id: string) {
    const sandbox = this.#pods.findSandbox(id)
    if (sandbox !== undefined) this.#pods.removeSandbox(sandbox)
  }

  async podSandboxStatus(id: string) {
    const status = sandboxStatusView(this.#pods.sandbox(id, 'PodSandboxStatus'))
    return { status, info: {}, containersStatuses: [], timestamp: this.#pods.now() }
  }

  async listPodSandboxes(filter: PodSandboxFilter = {}) {
    return this.#pods.sandboxes.filter((record) => sandboxMatches(filter, record)).map(sandboxView)
  }

  async createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    _sandboxConfig: PodSandboxConfig,
    options?: CallOptions,
  ) {
    await this.#work('createContainerMs', options)
    const image = config.image?.image ?? ''
    if (this.#images.find(image) === undefined) {
      throw new RuntimeError('NotFound', 'CreateContainer', `image "${image}" not found`)
    }
    const sandbox = this.#pods.sandbox(podSandboxId, 'CreateContainer')
    return this.#pods.addContainer(sandbox, config).id
  }

  async startContainer(id: string, options?: CallOptions) {
    await this.#work('startContainerMs', options)
    const container = this.#pods.container(id, 'StartContainer')
    const behaviour = this.#simulation.behave?.(programOf(container)) ?? {}
    await writeLogLines(this.#simulation, container, behaviour.logLines ?? [SIMULATED])
    this.#pods.start(container, behaviour)
  }

  async stopContainer(id: string, timeoutSeconds: number, options?: CallOptions) {
    const container = this.#pods.findContainer(id)
    if (container?.state !== 'CONTAINER_RUNNING') return
    const { behave, clock } = this.#simulation
    const mustKill = timeoutSeconds <= 0 || behave?.(programOf(container)).ignoresStop === true
    if (!mustKill) await this.#work('stopContainerMs', options)
    else if (timeoutSeconds > 0) await sleep(clock, timeoutSeconds * 1000, options?.signal)
    this.#pods.end(container, mustKill ? KILLED : TERMINATED)
  }

  async removeContainer(id: string) {
    const container = this.#pods.findContainer(id)
    if (container !== undefined) this.#pods.removeContainer(container)
  }

  async listContainers(filter: ContainerFilter = {}) {
    return this.#pods.containers
      .filter((record) => containerMatches(filter, record))
      .map(containerView)
  }

  async containerStatus(id: string) {
    return { status: containerStatusView(this.#pods.container(id, 'ContainerStatus')), info: {} }
  }

  async updateContainerResources(id: string, resources: LinuxContainerResources) {
    this.#pods.updateResources(this.#pods.container(id, 'UpdateContainerResources'), resources)
  }

  async reopenContainerLog(id: string) {
    this.#pods.container(id, 'ReopenContainerLog')
  }

  async execSync(id: string, command: readonly string[]) {
    const record = this.#pods.container(id, 'ExecSync')
    const { exec } = this.#simulation
    if (exec === undefined) throw new RuntimeError('Unimplemented', 'ExecSync', SIMULATED)
    const { exitCode, stdout = '', stderr = '' } = await exec(programOf(record), command)
    return { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) }
  }

  async exec(): Promise<string> {
    throw new RuntimeError('Unimplemented', 'Exec', SIMULATED)
  }

  async attach(): Promise<string> {
    throw new RuntimeError('Unimplemented', 'Attach', SIMULATED)
  }

  async portForward(): Promise<string> {
    throw new RuntimeError('Unimplemented', 'PortForward', SIMULATED)
  }

  async containerStats(id: string) {
    return this.#statsOf(this.#pods.container(id, 'ContainerStats'))
  }

  async listContainerStats(filter: ContainerStatsFilter = {}) {
    return this.#pods.containers
      .filter((record) => containerMatches(filter, record))
      .map((record) => this.#statsOf(record))
  }

  async podSandboxStats(id: string) {
    return this.#sandboxStatsOf(this.#pods.sandbox(id, 'PodSandboxStats'))
  }

  async listPodSandboxStats(filter: PodSandboxStatsFilter = {}) {
    return this.#pods.sandboxes
      .filter((record) => sandboxMatches(filter, record))
      .map((record) => this.#sandboxStatsOf(record))
  }

  async *containerEvents(signal: AbortSignal) {
    const queue = new EventQueue<ContainerEvent>()
    const onAbort = () => queue.end()
    if (signal.aborted) return
    queue.push({ type: 'RELIST' })
    this.#watches.add(queue)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      yield* queue
    } finally {
      this.#watches.delete(queue)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async imageStatus({ image = '' }: ImageSpec) {
    return this.#images.find(image)
  }

  async listImages() {
    return this.#images.list()
  }

  async pullImage(
    { image = '' }: ImageSpec,
    _auth?: AuthConfig,
    _sandboxConfig?: PodSandboxConfig,
    options?: CallOptions,
  ) {
    await this.#work('pullImageMs', options)
    return this.#images.pull(image)
  }

  async removeImage({ image = '' }: ImageSpec) {
    this.#images.remove(image)
  }

  async imageFsInfo() {
    const images = this.#images.list()
    const usedBytes = images.reduce((sum, { size }) => sum + size, 0)
    const fsId = { mountpoint: '/' }
    const usage = { timestamp: this.#pods.now(), fsId, usedBytes, inodesUsed: images.length }
    return { imageFilesystems: [usage], containerFilesystems: [] }
  }

  close(): void {}

  async #work(kind: keyof Latencies, options: CallOptions | undefined): Promise<void> {
    const takesMs = this.#latencies[kind]
    if (takesMs > 0) await sleep(this.#simulation.clock, takesMs, options?.signal)
  }

  #usageOf(container: ContainerRecord) {
    return this.#simulation.usage?.(programOf(container)) ?? IDLE_USAGE
  }

  #statsOf(container: ContainerRecord) {
    return containerStatsOf(container, this.#usageOf(container), this.#pods.now())
  }

  #sandboxStatsOf(sandbox: SandboxRecord) {
    const containers = this.#pods.containersOf(sandbox)
    const usages = containers.map((container) => this.#usageOf(container))
    return sandboxStatsOf(sandbox, containers, usages, this.#pods.now())
  }
}

function programOf({ config, sandbox }: ContainerRecord): SimulatedProgram {
  return { container: config, sandbox: sandbox.config }
}
