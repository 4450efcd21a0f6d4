import { type Clock, pause } from '../../base/clock.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { type Container, formatPod, type LifecycleHandler } from '../pod-types.ts'
import { httpRequestOf } from '../probes/http-request.ts'
import type { ProbeNetwork } from '../probes/probe-network.ts'
import { EVENT } from '../reasons.ts'
import type { PodEvents } from './pod-events.ts'

/** A hook may take as long as it likes; its HTTP request, a minute. */
const HTTP_TIMEOUT_MS = 60_000

/** Runs the hooks of containers: after their start and before their end. */
export class HookRunner {
  readonly #runtime: ContainerRuntime
  readonly #network: ProbeNetwork
  readonly #clock: Clock
  readonly #events: PodEvents

  constructor(runtime: ContainerRuntime, network: ProbeNetwork, clock: Clock, events: PodEvents) {
    this.#runtime = runtime
    this.#network = network
    this.#clock = clock
    this.#events = events
  }

  /** Throws what went wrong in upstream's words. */
  async run(
    pod: Pod,
    container: Container,
    containerId: string,
    handler: LifecycleHandler,
    podIp: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { exec, httpGet, sleep } = handler
    if (exec !== undefined)
      return this.#exec(pod, container, containerId, exec.command ?? [], signal)
    if (httpGet !== undefined) return this.#http(pod, container, httpGet, podIp)
    if (sleep !== undefined) {
      await pause(this.#clock, sleep.seconds * 1000, signal)
      return
    }
    throw new Error('invalid handler')
  }

  async #exec(
    pod: Pod,
    container: Container,
    containerId: string,
    command: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#runtime.execSync(containerId, command, 0, {
      signal,
    })
    if (exitCode === 0) return
    const output = Buffer.concat([stdout, stderr]).toString()
    throw new Error(
      `Exec lifecycle hook ([${command.join(' ')}]) for Container "${container.name}" in Pod ` +
        `"${formatPod(pod)}" failed - error: command '${command.join(' ')}' exited with ` +
        `${exitCode}: , message: ${JSON.stringify(output)}`,
    )
  }

  async #http(
    pod: Pod,
    container: Container,
    action: NonNullable<LifecycleHandler['httpGet']>,
    podIp: string,
  ): Promise<void> {
    const request = httpRequestOf(action, container, podIp, 'lifecycle')
    try {
      await this.#network.http(request, HTTP_TIMEOUT_MS)
    } catch (error) {
      if (request.scheme !== 'https' || !isPlainAnswer(error)) throw error
      // Hooks that name HTTPS have always reached plain servers too.
      await this.#network.http({ ...request, scheme: 'http' }, HTTP_TIMEOUT_MS)
      const host = `${request.host}:${request.port}`
      const message = `request to HTTPS lifecycle hook ${host} got HTTP response, retry with HTTP succeeded`
      this.#events.pod(pod, 'Warning', EVENT.lifecycleHttpFallback, message)
    }
  }
}

function isPlainAnswer(error: unknown): boolean {
  return error instanceof Error && /wrong version number|packet length too long/.test(error.message)
}
