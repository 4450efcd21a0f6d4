import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Client } from '../../../client/client.ts'
import { DEFAULT_DELAYS, type QueueMeters, WorkQueue } from '../../../client/work-queue.ts'
import { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { isReason } from '../../../machinery/status-error.ts'
import { followObjects } from '../../authorization/follow-objects.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { ApiServiceTable } from './api-service-table.ts'
import {
  builtInApiServices,
  customApiServices,
  type DesiredApiService,
} from './local-api-services.ts'
import { planRegistration } from './plan-registration.ts'
import { runWorkers } from './work.ts'

export interface RegistrationOptions {
  readonly table: ApiServiceTable
  readonly resources: ResourceTable
  readonly kinds: readonly Kind[]
  readonly clock: Clock
  readonly logger: Logger
  /** Nobody measures when absent. */
  readonly queues?: QueueMeters | undefined
}

const WORKERS = 5

/** Keeps an APIService for each group and version that is served here, custom ones included. */
export class RegistrationController {
  readonly #options: RegistrationOptions
  readonly #queue: WorkQueue
  readonly #builtIn: ReadonlyMap<string, DesiredApiService>
  readonly #definitions = new Map<string, CustomResourceDefinition>()
  #custom: ReadonlyMap<string, DesiredApiService> = new Map()
  #isStale = false
  readonly #synced = new Set<string>()
  /** Built-in ones that have not been seen available yet. It only shrinks, as upstream's. */
  readonly #pending: Set<string>
  readonly #atStart = new Set<string>()

  constructor(options: RegistrationOptions) {
    this.#options = options
    this.#queue = new WorkQueue(
      options.clock,
      DEFAULT_DELAYS,
      options.queues?.meterOf('autoregister'),
    )
    const services = builtInApiServices(options.kinds)
    this.#builtIn = new Map(services.map((one) => [one.metadata.name, one]))
    this.#pending = new Set(this.#builtIn.keys())
    options.table.onChange((name) => this.#observe(name))
  }

  /**
   * Names of built-in APIServices that have not been seen available yet, sorted. What is deleted
   * later on is not missing: whoever deletes it wants it so.
   */
  get missing(): readonly string[] {
    return [...this.#pending].toSorted()
  }

  /**
   * Resolves when the signal has aborted and all is at rest. Definitions are read first: without
   * them the APIServices of custom resources would seem to be of nothing.
   */
  async run(client: Client, signal: AbortSignal): Promise<void> {
    const { table, logger } = this.#options
    signal.addEventListener('abort', () => this.#queue.shutDown(), { once: true })
    for (const { metadata } of table.all()) this.#atStart.add(metadata.name)
    await this.#followDefinitions(signal)
    table.onChange((name) => this.#queue.add(name))
    for (const name of [...this.#builtIn.keys(), ...this.#atStart]) this.#queue.add(name)
    await runWorkers(this.#queue, WORKERS, (name) => this.#sync(name, client), logger)
  }

  #observe(name: string): void {
    if (!this.#pending.has(name)) return
    const { conditions = [] } = this.#options.table.get(name)?.status ?? {}
    const isAvailable = conditions.some(
      ({ type, status }) => type === 'Available' && status === 'True',
    )
    if (isAvailable) this.#pending.delete(name)
  }

  async #sync(name: string, client: Client): Promise<void> {
    this.#refresh()
    const desired = this.#builtIn.get(name) ?? this.#custom.get(name)
    const current = this.#options.table.get(name)
    const state = {
      ...{ desired, current },
      hasSynced: this.#synced.has(name),
      wasThereAtStart: this.#atStart.has(name),
    }
    try {
      await apply(planRegistration(state), state, client)
    } catch (error) {
      // Somebody was faster: their change brings it here again.
      const reasons = ['AlreadyExists', 'NotFound', 'Conflict'] as const
      if (!reasons.some((reason) => isReason(error, reason))) throw error
    }
    this.#synced.add(name)
  }

  #refresh(): void {
    if (!this.#isStale) return
    this.#isStale = false
    const before = this.#custom
    this.#custom = customApiServices(this.#definitions.values())
    for (const name of new Set([...before.keys(), ...this.#custom.keys()])) {
      if (before.has(name) !== this.#custom.has(name)) this.#queue.add(name)
    }
  }

  async #followDefinitions(signal: AbortSignal): Promise<void> {
    const { resources, clock, logger } = this.#options
    // Definitions come in crowds: many of them are taken into account at once.
    const update = () => {
      if (this.#isStale) return
      this.#isStale = true
      queueMicrotask(() => this.#refresh())
    }
    await followObjects(
      resources.store(CustomResourceDefinition),
      { signal, clock, logger },
      {
        clear: () => {
          this.#definitions.clear()
          update()
        },
        set: (object: KubeObject) => {
          this.#definitions.set(object.metadata.name, object as CustomResourceDefinition)
          update()
        },
        delete: ({ metadata }: KubeObject) => {
          this.#definitions.delete(metadata.name)
          update()
        },
      },
    )
  }
}

async function apply(
  plan: ReturnType<typeof planRegistration>,
  { desired, current }: Pick<Parameters<typeof planRegistration>[0], 'desired' | 'current'>,
  client: Client,
): Promise<void> {
  if (plan === 'create' && desired !== undefined) await client.create(APIService, desired)
  if (plan === 'update' && desired !== undefined && current !== undefined) {
    await client.update(APIService, { ...current, spec: desired.spec })
  }
  if (plan === 'delete' && current !== undefined) {
    const { name, uid } = current.metadata
    await client.delete(APIService, { name }, { preconditions: { uid } })
  }
}
