import { type Clock, formatTime } from '../../../../base/clock.ts'
import { formatError, type Logger } from '../../../../base/logger.ts'
import type { Client } from '../../../../client/client.ts'
import { DEFAULT_DELAYS, type QueueMeters, WorkQueue } from '../../../../client/work-queue.ts'
import { CustomResourceDefinition } from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { isReason } from '../../../../machinery/status-error.ts'
import type { Definitions } from './definitions.ts'
import { planEstablished, planStatus } from './plan-status.ts'

/** How upstream's server names itself as a writer. */
export const FIELD_MANAGER = 'kube-apiserver'
/** Where several servers share a store, all have seen the names before anybody uses them. */
const ESTABLISH_DELAY_MS = 5000

export interface DefinitionControllerOptions {
  readonly client: Client
  readonly definitions: Definitions
  readonly clock: Clock
  readonly logger: Logger
  /** Whether other servers have the same store. */
  readonly isShared: boolean
  /** Nobody measures when absent. */
  readonly queues?: QueueMeters | undefined
}

/** Gives definitions their names and establishes them: upstream's naming and other controllers. */
export class DefinitionController {
  readonly #options: DefinitionControllerOptions
  readonly #queue: WorkQueue
  /** When a definition that waits may be established, by its uid. */
  readonly #establishing = new Map<string, number>()

  constructor(options: DefinitionControllerOptions) {
    this.#options = options
    this.#queue = new WorkQueue(
      options.clock,
      DEFAULT_DELAYS,
      options.queues?.meterOf('crd_naming_condition_controller'),
    )
  }

  /** Something about this definition has changed, or it has gone. */
  enqueue(name: string): void {
    this.#queue.add(name)
  }

  /** One at a time, since each must know the names that the one before has got. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.#queue.shutDown()
    if (signal.aborted) return
    signal.addEventListener('abort', stop, { once: true })
    for (let name = await this.#queue.get(); name !== undefined; name = await this.#queue.get()) {
      try {
        await this.#reconcile(name)
        this.#queue.forget(name)
      } catch (error) {
        if (signal.aborted) return
        const { logger } = this.#options
        logger.error('a definition cannot be kept', { name, error: formatError(error) })
        this.#queue.addRateLimited(name)
      } finally {
        this.#queue.done(name)
      }
    }
  }

  async #reconcile(name: string): Promise<void> {
    const { definitions, clock } = this.#options
    const definition = definitions.get(name)
    if (definition === undefined) {
      // Its names are free for others.
      this.#enqueueOthers(name.slice(name.indexOf('.') + 1), name)
      return
    }
    const now = formatTime(clock.now())
    const planned = planStatus(definition, definitions.all(), now)
    if (planned !== definition) {
      await this.#write(planned)
      this.#enqueueOthers(definition.spec.group, name)
      return
    }
    const established = planEstablished(definition, now)
    if (established === definition) return
    if (this.#mustWait(definition)) return
    await this.#write(established)
  }

  /** True until the delay of a shared store is over, however often the definition changes. */
  #mustWait({ metadata: { name, uid } }: CustomResourceDefinition): boolean {
    const { isShared, clock } = this.#options
    if (!isShared) return false
    const now = clock.monotonic()
    const known = this.#establishing.get(uid)
    const due = known ?? now + ESTABLISH_DELAY_MS
    if (known === undefined) {
      // Those that have gone meanwhile are not asked about again.
      for (const [other, when] of this.#establishing) {
        if (when + ESTABLISH_DELAY_MS < now) this.#establishing.delete(other)
      }
      this.#establishing.set(uid, due)
    }
    // Timers may be a little early: then the rest is waited for.
    if (due > now) this.#queue.addAfter(name, due - now)
    return due > now
  }

  async #write(definition: CustomResourceDefinition): Promise<void> {
    const { client, definitions } = this.#options
    try {
      const options = { fieldManager: FIELD_MANAGER }
      const written = await client.updateStatus<CustomResourceDefinition>(
        CustomResourceDefinition,
        definition,
        options,
      )
      const { name, uid } = written.metadata
      // It may have been deleted while this was on its way: then it must not come back.
      if (definitions.get(name)?.metadata.uid === uid) definitions.set(written)
      this.#queue.add(name)
    } catch (error) {
      // Its change, or its end, will be told.
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
  }

  #enqueueOthers(group: string, name: string): void {
    for (const { spec, metadata } of this.#options.definitions.all()) {
      if (spec.group === group && metadata.name !== name) this.#queue.add(metadata.name)
    }
  }
}
