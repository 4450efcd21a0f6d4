import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import { hasRuntimeCode } from '../../cri/runtime-error.ts'
import { findContainer } from '../runtime/runtime-pod.ts'
import { HttpFailure } from './http-failure.ts'
import type { KubeletView, PodView } from './kubelet-view.ts'
import { parseStreamOptions } from './stream-options.ts'
import { proxyTo } from './stream-proxy.ts'

/** exec, attach and port-forward: the runtime's own streaming server does the work. */
export class StreamServer {
  readonly #kubelet: KubeletView
  readonly #runtime: ContainerRuntime

  constructor(kubelet: KubeletView, runtime: ContainerRuntime) {
    this.#kubelet = kubelet
    this.#runtime = runtime
  }

  /** `path`: the parts after the first one. Throws an HttpFailure. */
  async serve(
    what: string,
    path: readonly string[],
    query: URLSearchParams,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    try {
      const url = await this.#urlOf(what, path, query)
      await proxyTo(url, request, socket, head)
    } catch (error) {
      if (error instanceof HttpFailure) throw error
      const status = hasRuntimeCode(error, 'NotFound') ? 404 : 500
      throw new HttpFailure(status, (error as Error).message)
    }
  }

  #urlOf(what: string, path: readonly string[], query: URLSearchParams): Promise<string> {
    const [namespace = '', name = ''] = path
    switch (what) {
      case 'exec':
      case 'attach': {
        const containerName = path.at(-1) ?? ''
        const uid = path.length === 4 ? path[2] : undefined
        const containerId = containerIdOf(this.#find(namespace, name, uid), containerName)
        const options = { containerId, ...streamOptions(query) }
        if (what === 'attach') return this.#runtime.attach(options)
        return this.#runtime.exec({ ...options, cmd: query.getAll('command') })
      }
      case 'portForward': {
        const { runtimePod } = this.#find(namespace, name, path[2])
        const [sandbox] = runtimePod.sandboxes
        if (sandbox === undefined) {
          throw new HttpFailure(500, `failed to find sandboxID for pod ${name}_${namespace}`)
        }
        const ports = query.getAll('port').flatMap((text) => text.split(',').map(Number))
        return this.#runtime.portForward(sandbox.id, ports)
      }
      default:
        throw new HttpFailure(404, '404 page not found')
    }
  }

  #find(namespace: string, name: string, uid: string | undefined): PodView {
    const view = this.#kubelet.worker(namespace, name)
    if (view?.pod === undefined) throw new HttpFailure(404, 'pod does not exist')
    if (uid !== undefined && view.pod.metadata.uid !== uid) {
      throw new HttpFailure(404, 'pod not found')
    }
    return view
  }
}

function containerIdOf({ runtimePod }: PodView, containerName: string): string {
  const container = findContainer(runtimePod, containerName)
  if (container === undefined) {
    throw new HttpFailure(404, `container not found ("${containerName}")`)
  }
  return container.id
}

function streamOptions(query: URLSearchParams) {
  try {
    return parseStreamOptions(query)
  } catch (error) {
    throw new HttpFailure(400, (error as Error).message)
  }
}
