import { type Clock, formatTime } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
  watchEvents,
} from '../runtime/controller.ts'
import { namespaceConditions } from './namespace-conditions.ts'
import { emptyNamespace } from './namespace-content.ts'

const FINALIZER = 'kubernetes'

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
export class NamespaceController implements Controller {
  readonly name = 'namespace-controller'
  readonly workers = 10
  readonly retryDelays = { baseDelayMs: 5_000, maxDelayMs: 60_000 }
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #namespaces: Informer<Namespace>

  /**
   * `delayMs`: how long to wait until every API server refuses new content (upstream: 5 s). Where
   * there is only one server none is needed.
   */
  constructor({ client, informers, clock }: ControllerContext, delayMs: number) {
    this.#client = client
    this.#clock = clock
    this.#namespaces = informers.for(Namespace)
    const pods = informers.for(Pod)
    this.watches = [
      watchEvents(this.#namespaces, ({ type, object }, enqueue) => {
        const isGoing = object.metadata.deletionTimestamp !== undefined
        if (isGoing && type !== 'DELETED') enqueue(object.metadata.name, delayMs)
      }),
      // The end of the last pod is what the rest waits for.
      watch(pods, ({ type, object: { metadata } }) => {
        if (type !== 'DELETED' || pods.list(metadata.namespace).length > 0) return []
        const namespace = this.#namespaces.get(metadata.namespace)
        return namespace?.metadata.deletionTimestamp === undefined ? [] : [metadata.namespace]
      }),
    ]
  }

  async reconcile(name: string, logger: Logger): Promise<Result> {
    if (this.#namespaces.get(name) === undefined) return undefined
    const namespace = await this.#read(name)
    if (namespace?.metadata.deletionTimestamp === undefined) return undefined
    if (!(namespace.spec.finalizers ?? []).includes(FINALIZER)) return undefined
    const emptying = await emptyNamespace(this.#client, this.#clock, namespace)
    const told = await this.#writeConditions(namespace, emptying, logger)
    const [error] = [...emptying.errors, ...emptying.discoveryFailures]
    if (error !== undefined) throw new Error(error)
    if (emptying.estimateSeconds > 0) {
      const seconds = Math.floor(emptying.estimateSeconds / 2) + 1
      return { requeueAfterMs: seconds * 1000 }
    }
    await this.#finalize(told)
    return undefined
  }

  async #read(name: string): Promise<Namespace | undefined> {
    try {
      return await this.#client.get(Namespace, { name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** The conditions are only information: without them the deletion goes on all the same. */
  async #writeConditions(
    namespace: Namespace,
    emptying: Parameters<typeof namespaceConditions>[1],
    logger: Logger,
  ): Promise<Namespace> {
    const { status } = namespace
    const now = formatTime(this.#clock.now())
    const conditions = namespaceConditions(status.conditions, emptying, now)
    if (conditions === status.conditions && status.phase === 'Terminating') return namespace
    try {
      const next = {
        ...namespace,
        status: { ...status, phase: 'Terminating' as const, conditions },
      }
      return await this.#client.updateStatus(Namespace, next)
    } catch (error) {
      logger.debug('conditions not written', { error: formatError(error) })
      return namespace
    }
  }

  async #finalize(namespace: Namespace): Promise<void> {
    const { name } = namespace.metadata
    const finalizers = (namespace.spec.finalizers ?? []).filter((one) => one !== FINALIZER)
    try {
      await this.#client.raw('PUT', `/api/v1/namespaces/${name}/finalize`, {
        ...namespace,
        spec: { ...namespace.spec, finalizers },
      })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}
