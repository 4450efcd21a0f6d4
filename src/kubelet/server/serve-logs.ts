import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import { hasRuntimeCode } from '../../cri/runtime-error.ts'
import type { LogFiles } from '../logs/log-files.ts'
import { readLogs } from '../logs/read-logs.ts'
import { allContainersOf } from '../pod-types.ts'
import { HttpFailure } from './http-failure.ts'
import type { KubeletView, PodView } from './kubelet-view.ts'
import { type LogQuery, parseLogQuery } from './log-query.ts'
import { logTarget } from './log-target.ts'

/** Containers' logs over HTTP. */
export class LogServer {
  readonly #kubelet: KubeletView
  readonly #runtime: ContainerRuntime
  readonly #files: LogFiles
  readonly #clock: Clock

  constructor(kubelet: KubeletView, runtime: ContainerRuntime, files: LogFiles, clock: Clock) {
    this.#kubelet = kubelet
    this.#runtime = runtime
    this.#files = files
    this.#clock = clock
  }

  /** `path`: namespace, pod and container. Throws an HttpFailure before anything is written. */
  async serve(
    [namespace = '', podName = '', containerName = '']: readonly string[],
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const view = this.#kubelet.worker(namespace, podName)
    if (view?.pod === undefined) throw new HttpFailure(404, `pod "${podName}" does not exist`)
    if (!allContainersOf(view.pod).some(({ name }) => name === containerName)) {
      const message = `container "${containerName}" not found in pod "${podName}"`
      throw new HttpFailure(404, message)
    }
    const options = this.#options(query)
    const { id, path } = this.#logOf(view, podName, containerName, options.previous)
    const stop = new AbortController()
    response.once('close', () => stop.abort())
    const ports = { files: this.#files, clock: this.#clock, isRunning: () => this.#isRunning(id) }
    const chunks = readLogs(path, options, ports, stop.signal)[Symbol.asyncIterator]()
    // The first one is awaited, so that a log that cannot be read is told as a failure.
    const first = options.follow ? undefined : await chunks.next().catch(asFailure)
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    response.flushHeaders()
    for (
      let next = first ?? (await chunks.next());
      next.done !== true;
      next = await chunks.next()
    ) {
      if (!response.write(next.value)) await drained(response, stop.signal)
    }
    response.end()
  }

  #options(query: URLSearchParams): LogQuery {
    try {
      return parseLogQuery(query, this.#clock.now())
    } catch (error) {
      const { message } = error as Error
      throw new HttpFailure(message === 'Invalid request.' ? 422 : 400, JSON.stringify({ message }))
    }
  }

  #logOf(
    { status, runtimePod, pod }: PodView,
    podName: string,
    containerName: string,
    previous: boolean,
  ): { readonly id: string; readonly path: string } {
    let id: string
    try {
      id = logTarget(
        podName,
        status ?? pod?.status ?? { phase: 'Pending', qosClass: 'BestEffort' },
        containerName,
        previous,
      )
    } catch (error) {
      throw new HttpFailure(400, (error as Error).message)
    }
    const container = runtimePod.containers.find((one) => one.id === id)
    if (container === undefined || container.logPath === '') {
      throw new HttpFailure(400, `unable to retrieve container logs for containerd://${id}`)
    }
    return { id, path: container.logPath }
  }

  /** Where the runtime does not answer, the container may well run on. */
  async #isRunning(id: string): Promise<boolean> {
    try {
      const { status } = await this.#runtime.containerStatus(id)
      return status?.state === 'CONTAINER_RUNNING'
    } catch (error) {
      return hasRuntimeCode(error, 'Unavailable')
    }
  }
}

function asFailure(error: unknown): never {
  throw new HttpFailure(400, (error as Error).message)
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal })
  } catch {
    // The caller has gone: the loop ends with the next chunk.
  }
}
