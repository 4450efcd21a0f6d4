import type { Clock } from '../../base/clock.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import type { ContainerConfig } from '../messages/container.ts'
import type { ContainerEventType } from '../messages/enums.ts'
import type { LinuxContainerResources } from '../messages/resources.ts'
import type { PodSandboxConfig } from '../messages/sandbox.ts'
import { RuntimeError } from '../runtime-error.ts'
import { PodAddresses } from './pod-addresses.ts'
import type { ContainerRecord, SandboxRecord } from './simulated-containers.ts'
import type { Behaviour } from './simulation.ts'

/** What a process that SIGKILL has ended leaves as its exit code. */
export const KILLED = 137

export type Tell = (type: ContainerEventType, containerId: string, podSandboxId: string) => void

export interface SimulatedPodsOptions {
  readonly clock: Clock
  readonly random: Random
  readonly podCidr: string
  /** Called after each change. */
  readonly tell: Tell
}

/** The sandboxes and containers of a simulated node, and how they change. Takes no time. */
export class SimulatedPods {
  readonly #clock: Clock
  readonly #random: Random
  readonly #podCidr: string
  readonly #tell: Tell
  readonly #addresses: PodAddresses
  readonly #sandboxes = new Map<string, SandboxRecord>()
  readonly #containers = new Map<string, ContainerRecord>()

  constructor({ clock, random, podCidr, tell }: SimulatedPodsOptions) {
    this.#clock = clock
    this.#random = random
    this.#podCidr = podCidr
    this.#tell = tell
    this.#addresses = new PodAddresses(podCidr)
  }

  get sandboxes(): readonly SandboxRecord[] {
    return [...this.#sandboxes.values()]
  }

  get containers(): readonly ContainerRecord[] {
    return [...this.#containers.values()]
  }

  containersOf(sandbox: SandboxRecord): readonly ContainerRecord[] {
    return this.containers.filter((container) => container.sandbox === sandbox)
  }

  findSandbox(id: string): SandboxRecord | undefined {
    return this.#sandboxes.get(id)
  }

  findContainer(id: string): ContainerRecord | undefined {
    return this.#containers.get(id)
  }

  sandbox(id: string, method: string): SandboxRecord {
    const sandbox = this.#sandboxes.get(id)
    if (sandbox !== undefined) return sandbox
    throw new RuntimeError(
      'NotFound',
      method,
      `an error occurred when try to find sandbox: ${id}: not found`,
    )
  }

  container(id: string, method: string): ContainerRecord {
    const container = this.#containers.get(id)
    if (container !== undefined) return container
    throw new RuntimeError(
      'NotFound',
      method,
      `an error occurred when try to find container "${id}": not found`,
    )
  }

  addSandbox(config: PodSandboxConfig, runtimeHandler: string): SandboxRecord {
    const { uid, attempt } = config.metadata ?? {}
    const twin = this.sandboxes.find(
      ({ config: { metadata } }) => metadata?.uid === uid && metadata?.attempt === attempt,
    )
    if (twin !== undefined) throw reserved('RunPodSandbox', 'sandbox', twin.id)
    const isOnNode = config.linux?.securityContext?.namespaceOptions?.network === 'NODE'
    const address = isOnNode ? '' : this.#addresses.take()
    if (address === undefined) {
      const details = `no IP addresses available in range ${this.#podCidr}`
      throw new RuntimeError('Unknown', 'RunPodSandbox', details)
    }
    const id = this.#newId()
    const createdAt = this.now()
    const state = 'SANDBOX_READY'
    const sandbox: SandboxRecord = { id, config, runtimeHandler, createdAt, address, state }
    this.#sandboxes.set(id, sandbox)
    this.#tell('CONTAINER_CREATED_EVENT', id, id)
    this.#tell('CONTAINER_STARTED_EVENT', id, id)
    return sandbox
  }

  stopSandbox(sandbox: SandboxRecord): void {
    if (sandbox.state === 'SANDBOX_NOTREADY') return
    for (const container of this.containersOf(sandbox)) this.end(container, KILLED)
    if (sandbox.address !== '') this.#addresses.giveBack(sandbox.address)
    sandbox.address = ''
    sandbox.state = 'SANDBOX_NOTREADY'
    this.#tell('CONTAINER_STOPPED_EVENT', sandbox.id, sandbox.id)
  }

  removeSandbox(sandbox: SandboxRecord): void {
    this.stopSandbox(sandbox)
    for (const container of this.containersOf(sandbox)) this.removeContainer(container)
    this.#sandboxes.delete(sandbox.id)
    this.#tell('CONTAINER_DELETED_EVENT', sandbox.id, sandbox.id)
  }

  addContainer(sandbox: SandboxRecord, config: ContainerConfig): ContainerRecord {
    const { name, attempt } = config.metadata ?? {}
    const twin = this.containersOf(sandbox).find(
      ({ config: { metadata } }) => metadata?.name === name && metadata?.attempt === attempt,
    )
    if (twin !== undefined) throw reserved('CreateContainer', 'container', twin.id)
    const container: ContainerRecord = {
      id: this.#newId(),
      sandbox,
      config,
      createdAt: this.now(),
      state: 'CONTAINER_CREATED',
      startedAt: 0n,
      finishedAt: 0n,
      exitCode: 0,
      timer: undefined,
    }
    this.#containers.set(container.id, container)
    this.#tell('CONTAINER_CREATED_EVENT', container.id, sandbox.id)
    return container
  }

  start(container: ContainerRecord, { runsForMs, exitCode = 0 }: Behaviour): void {
    const { id, sandbox, state } = container
    if (state !== 'CONTAINER_CREATED') {
      throw new RuntimeError('Unknown', 'StartContainer', `container is in ${state} state`)
    }
    if (sandbox.state !== 'SANDBOX_READY') {
      const details = `sandbox container "${sandbox.id}" is not running`
      throw new RuntimeError('Unknown', 'StartContainer', details)
    }
    container.state = 'CONTAINER_RUNNING'
    container.startedAt = this.now()
    if (runsForMs !== undefined) {
      container.timer = this.#clock.after(runsForMs, () => this.end(container, exitCode))
    }
    this.#tell('CONTAINER_STARTED_EVENT', id, sandbox.id)
  }

  /** Silent where the container does not run. */
  end(container: ContainerRecord, exitCode: number): void {
    if (container.state !== 'CONTAINER_RUNNING') return
    container.timer?.[Symbol.dispose]()
    container.timer = undefined
    container.state = 'CONTAINER_EXITED'
    container.finishedAt = this.now()
    container.exitCode = exitCode
    this.#tell('CONTAINER_STOPPED_EVENT', container.id, container.sandbox.id)
  }

  removeContainer(container: ContainerRecord): void {
    this.end(container, KILLED)
    if (!this.#containers.delete(container.id)) return
    this.#tell('CONTAINER_DELETED_EVENT', container.id, container.sandbox.id)
  }

  /** What was given before and is not given now stays. */
  updateResources(container: ContainerRecord, resources: LinuxContainerResources): void {
    const linux = container.config.linux
    const updated = { ...linux, resources: { ...linux?.resources, ...resources } }
    container.config = { ...container.config, linux: updated }
  }

  /** Nanoseconds since the epoch. */
  now(): bigint {
    return BigInt(Math.floor(this.#clock.now())) * 1_000_000n
  }

  #newId(): string {
    return Buffer.from(randomBytes(this.#random, 32)).toString('hex')
  }
}

/** A runtime reserves names, so that the same attempt cannot be made twice. */
function reserved(method: string, what: string, id: string): RuntimeError {
  const details = `failed to reserve ${what} name: name is reserved for "${id}"`
  return new RuntimeError('Unknown', method, details)
}
