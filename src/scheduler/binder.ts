import { type Clock, pause } from '../base/clock.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Client } from '../client/client.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { isReason } from '../machinery/status-error.ts'

/** Where a pod is after its binding was tried. */
export type BindOutcome =
  | { readonly code: 'Bound' }
  /** Somebody else has put it on another node. */
  | { readonly code: 'Elsewhere'; readonly nodeName: string }
  /** It is deleted, or another pod has its name. */
  | { readonly code: 'Gone' }
  | { readonly code: 'Refused'; readonly error: unknown }
  /** The scheduler is stopping, and does not know. */
  | { readonly code: 'Unknown' }

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/**
 * Binds pods to nodes (upstream's DefaultBinder). When a binding fails, the API server may have
 * done it all the same and only the answer was lost. The room on the node is not given to others
 * before that is known, so this asks until it has an answer.
 */
export class Binder {
  readonly #client: Client
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(client: Client, clock: Clock, logger: Logger) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
  }

  async bind(pod: Pod, nodeName: string, signal: AbortSignal): Promise<BindOutcome> {
    const { name, namespace, uid } = pod.metadata
    try {
      await this.#client.createSubresource(Pod, { name, namespace }, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { kind: 'Node', name: nodeName },
      })
      return { code: 'Bound' }
    } catch (error) {
      if (isReason(error, 'NotFound')) return { code: 'Gone' }
      return this.#find(pod, nodeName, error, signal)
    }
  }

  async #find(
    pod: Pod,
    nodeName: string,
    error: unknown,
    signal: AbortSignal,
  ): Promise<BindOutcome> {
    const { name, namespace, uid } = pod.metadata
    for (let delayMs = FIRST_PAUSE_MS; !signal.aborted; ) {
      try {
        const now = await this.#client.get(Pod, { name, namespace })
        if (now.metadata.uid !== uid) return { code: 'Gone' }
        const actual = now.spec.nodeName ?? ''
        if (actual === '') return { code: 'Refused', error }
        if (actual === nodeName) return { code: 'Bound' }
        return { code: 'Elsewhere', nodeName: actual }
      } catch (failure) {
        if (isReason(failure, 'NotFound')) return { code: 'Gone' }
        const fields = { pod: `${namespace}/${name}`, error: formatError(failure) }
        this.#logger.debug('cannot tell whether a pod is bound', fields)
        await pause(this.#clock, delayMs, signal)
        delayMs = Math.min(delayMs * 2, LONGEST_PAUSE_MS)
      }
    }
    return { code: 'Unknown' }
  }
}
