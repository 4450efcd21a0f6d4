import { type Clock, formatTime } from '../../../../base/clock.ts'
import { formatError, type Logger } from '../../../../base/logger.ts'
import type { Client } from '../../../../client/client.ts'
import { DEFAULT_DELAYS, type QueueMeters, WorkQueue } from '../../../../client/work-queue.ts'
import { CustomResourceDefinition } from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { CLEANUP_FINALIZER } from '../../../../kinds/apiextensions/v1/custom-resource-definition-strategy.ts'
import { isReason } from '../../../../machinery/status-error.ts'
import type { ObjectStore } from '../../../registry/object-store.ts'
import { isTrue, withCondition } from './conditions.ts'
import { FIELD_MANAGER } from './definition-controller.ts'
import type { Definitions } from './definitions.ts'
import { deleteInstances, InstancesLeftError } from './delete-instances.ts'

const WORKERS = 5

type Definition = CustomResourceDefinition

export interface DefinitionFinalizerOptions {
  readonly client: Client
  readonly definitions: Definitions
  readonly clock: Clock
  readonly logger: Logger
  /** All objects of a definition in the version that it stores; the caller closes it. */
  openInstances(definition: Definition): ObjectStore
  /** Whether a built-in kind has the same objects, which must stay. */
  isBuiltIn(definition: Definition): boolean
  /** Nobody measures when absent. */
  readonly queues?: QueueMeters | undefined
}

/** Deletes the objects of a definition that is to go, then lets it go. */
export class DefinitionFinalizer {
  readonly #options: DefinitionFinalizerOptions
  readonly #queue: WorkQueue

  constructor(options: DefinitionFinalizerOptions) {
    this.#options = options
    this.#queue = new WorkQueue(
      options.clock,
      DEFAULT_DELAYS,
      options.queues?.meterOf('crd_finalizer'),
    )
  }

  /** Takes a definition up if it is to go. */
  enqueue({ metadata }: Definition): void {
    if (isWaiting(metadata)) this.#queue.add(metadata.name)
  }

  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    signal.addEventListener('abort', () => this.#queue.shutDown(), { once: true })
    await Promise.all(Array.from({ length: WORKERS }, () => this.#work(signal)))
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let name = await this.#queue.get(); name !== undefined; name = await this.#queue.get()) {
      try {
        await this.#finalize(name, signal)
        this.#queue.forget(name)
      } catch (error) {
        if (signal.aborted) return
        const { logger } = this.#options
        logger.error('a definition cannot go yet', { name, error: formatError(error) })
        this.#queue.addRateLimited(name)
      } finally {
        this.#queue.done(name)
      }
    }
  }

  async #finalize(name: string, signal: AbortSignal): Promise<void> {
    const definition = this.#options.definitions.get(name)
    if (definition === undefined || !isWaiting(definition.metadata)) return
    const message = 'CustomResource deletion is in progress'
    const begun = await this.#write(
      this.#terminating(definition, 'True', 'InstanceDeletionInProgress', message),
    )
    if (begun === undefined) return
    const emptied = await this.#empty(begun, signal)
    if (emptied === undefined) return
    const finalizers = (emptied.metadata.finalizers ?? []).filter(
      (finalizer) => finalizer !== CLEANUP_FINALIZER,
    )
    await this.#write({ ...emptied, metadata: { ...emptied.metadata, finalizers } })
  }

  /** With what came of its objects; throws after it has told why some are left. */
  async #empty(definition: Definition, signal: AbortSignal): Promise<Definition | undefined> {
    const { clock, isBuiltIn, openInstances } = this.#options
    if (isBuiltIn(definition)) {
      const message = 'instances overlap with built-in resources in storage'
      return this.#terminating(definition, 'False', 'OverlappingBuiltInResource', message)
    }
    if (!isTrue(definition, 'Established')) {
      const message = 'resource was never established'
      return this.#terminating(definition, 'False', 'NeverEstablished', message)
    }
    const store = openInstances(definition)
    try {
      await deleteInstances(store, clock, signal)
      const message = 'removed all instances'
      return this.#terminating(definition, 'False', 'InstanceDeletionCompleted', message)
    } catch (error) {
      if (signal.aborted) return undefined
      const reason =
        error instanceof InstancesLeftError ? 'InstanceDeletionCheck' : 'InstanceDeletionFailed'
      const message = error instanceof Error ? error.message : String(error)
      await this.#write(this.#terminating(definition, 'True', reason, message))
      throw error
    } finally {
      store.close()
    }
  }

  #terminating(
    definition: Definition,
    status: 'True' | 'False',
    reason: string,
    message: string,
  ): Definition {
    const now = formatTime(this.#options.clock.now())
    return withCondition(definition, { type: 'Terminating', status, reason, message }, now)
  }

  /** Undefined where somebody else was faster: that will be told. */
  async #write(definition: Definition): Promise<Definition | undefined> {
    try {
      return await this.#options.client.updateStatus<Definition>(
        CustomResourceDefinition,
        definition,
        { fieldManager: FIELD_MANAGER },
      )
    } catch (error) {
      if (isReason(error, 'NotFound', 'Conflict')) return undefined
      throw error
    }
  }
}

function isWaiting({ deletionTimestamp, finalizers = [] }: Definition['metadata']): boolean {
  return deletionTimestamp !== undefined && finalizers.includes(CLEANUP_FINALIZER)
}
