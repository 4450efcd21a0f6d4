import { type Clock, sleep } from '../../base/clock.ts'
import type { ContainerChange, ContainerRuntime } from '../container-runtime.ts'
import { EventQueue } from '../event-queue.ts'
import type { ContainerEventType } from '../messages/enums.ts'
import type { ContainerdEvent } from './containerd-events.ts'

/** After this an event is given although the runtime's status still contradicts it. */
const LONGEST_WAIT_MS = 2000
const WAIT_MS = { first: 1, longest: 16 }

/** What the runtime's CRI says of a container or a sandbox. */
interface Standing {
  readonly podSandboxId: string
  readonly state: 'Absent' | 'Created' | 'Running' | 'Ended'
}

const ABSENT: Standing = { podSandboxId: '', state: 'Absent' }

/**
 * Holds containerd's events back until its CRI, which learns of them at the same moment, shows the
 * new state. Otherwise whoever looks at once would see the old one and never be told again. The
 * events of one container stay in order; those of others do not wait for it.
 */
export class SettledChanges {
  readonly #runtime: ContainerRuntime
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #queue = new EventQueue<ContainerChange>()
  readonly #lastByContainer = new Map<string, Promise<void>>()
  readonly #sandboxByContainer = new Map<string, string>()

  constructor(runtime: ContainerRuntime, clock: Clock, signal: AbortSignal) {
    this.#runtime = runtime
    this.#clock = clock
    this.#signal = signal
  }

  add(event: ContainerdEvent): void {
    const { containerId } = event
    const before = this.#lastByContainer.get(containerId) ?? Promise.resolve()
    const settled = before.then(() => this.#settle(event))
    this.#lastByContainer.set(containerId, settled)
    settled
      .catch((error) => this.fail(error))
      .finally(() => {
        if (this.#lastByContainer.get(containerId) === settled) {
          this.#lastByContainer.delete(containerId)
        }
      })
  }

  end(): void {
    this.#queue.end()
  }

  fail(error: unknown): void {
    this.#queue.fail(error)
  }

  [Symbol.asyncIterator](): AsyncGenerator<ContainerChange, void, undefined> {
    return this.#queue[Symbol.asyncIterator]()
  }

  async #settle(event: ContainerdEvent): Promise<void> {
    const { containerId, type } = event
    const giveUpAt = this.#clock.monotonic() + LONGEST_WAIT_MS
    let standing = await this.#lookUp(containerId)
    for (let waitMs = WAIT_MS.first; !isSettled(type, standing); waitMs *= 2) {
      waitMs = Math.min(waitMs, WAIT_MS.longest)
      if (this.#clock.monotonic() + waitMs > giveUpAt) break
      await sleep(this.#clock, waitMs, this.#signal)
      standing = await this.#lookUp(containerId)
    }
    const podSandboxId = standing.podSandboxId || this.#sandboxByContainer.get(containerId) || ''
    if (standing.state === 'Absent') this.#sandboxByContainer.delete(containerId)
    else this.#sandboxByContainer.set(containerId, podSandboxId)
    this.#queue.push({ ...event, podSandboxId })
  }

  async #lookUp(id: string): Promise<Standing> {
    const options = { signal: this.#signal }
    const container = (await this.#runtime.listContainers({ id }, options))[0]
    if (container !== undefined) {
      const { podSandboxId, state } = container
      if (state === 'CONTAINER_CREATED') return { podSandboxId, state: 'Created' }
      return { podSandboxId, state: state === 'CONTAINER_RUNNING' ? 'Running' : 'Ended' }
    }
    const sandbox = (await this.#runtime.listPodSandboxes({ id }, options))[0]
    if (sandbox === undefined) return ABSENT
    return { podSandboxId: id, state: sandbox.state === 'SANDBOX_READY' ? 'Running' : 'Ended' }
  }
}

function isSettled(type: ContainerEventType, { state }: Standing): boolean {
  if (type === 'CONTAINER_DELETED_EVENT') return state === 'Absent'
  if (type === 'CONTAINER_CREATED_EVENT') return state !== 'Absent'
  if (type === 'CONTAINER_STARTED_EVENT') return state !== 'Created' && state !== 'Absent'
  return state === 'Ended' || state === 'Absent'
}
