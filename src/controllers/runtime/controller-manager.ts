import { setMaxListeners } from 'node:events'
import type { Clock } from '../../base/clock.ts'
import { type Component, childAbort } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { ClientEventRecorder } from '../../client/event-sender.ts'
import type { Informer, Informers } from '../../client/lister.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { type Controller, type ControllerContext, runController } from './controller.ts'

/** How to make one controller, and under which names it acts. */
export interface ControllerDefinition {
  /** As in `--controllers`. */
  readonly name: string
  /**
   * In kube-system; the bootstrap roles grant `system:controller:NAME` to it. Absent for what the
   * manager does under its own name.
   */
  readonly serviceAccount?: string
  /** The component that its events name; the controller's name when absent. */
  readonly eventSource?: string
  /** Runs only where `--controllers` names it. */
  readonly isDisabledByDefault?: true
  create(context: ControllerContext): Controller
}

export interface ControllerManagerOptions {
  readonly definitions: readonly ControllerDefinition[]
  /** As the flag: `*` for all that are on by default, `name`, `-name`. All when absent. */
  readonly controllers?: readonly string[]
  readonly clientFor: (serviceAccount: string) => Client
  /** Of the manager itself, for controllers that have no service account of their own. */
  readonly ownClient?: Client
  /** Shared by all controllers; the manager runs it. */
  readonly informers: Informers & Component
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/**
 * Runs the controllers. Each begins when the caches that it reads are full, so that one which
 * cannot list its kinds keeps no other waiting; one that fails ends alone.
 */
export class ControllerManager implements Component {
  readonly name = 'kube-controller-manager'
  readonly #options: ControllerManagerOptions

  constructor(options: ControllerManagerOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { definitions, controllers = ['*'], informers } = this.#options
    setMaxListeners(0, signal) // Some for each controller: no leak.
    const enabled = definitions.filter((definition) => isEnabled(definition, controllers))
    // Informers outlive the controllers, whose last writes may still need their caches.
    using stopInformers = childAbort(new AbortController().signal)
    const working = enabled.map((definition) => this.#runOne(definition, signal))
    const caching = informers.run(stopInformers.signal)
    await Promise.all(working)
    stopInformers.abort()
    await caching
  }

  async #runOne(definition: ControllerDefinition, signal: AbortSignal): Promise<void> {
    const { clientFor, ownClient, clock, random, informers: shared } = this.#options
    const logger = this.#options.logger.with({ controller: definition.name })
    const { serviceAccount } = definition
    const client = serviceAccount === undefined ? ownClient : clientFor(serviceAccount)
    if (client === undefined) {
      logger.error('no client under the name of the manager was given')
      return
    }
    const informers = new ObservedInformers(shared)
    using recorder = new ClientEventRecorder({
      client,
      clock,
      logger,
      component: definition.eventSource ?? definition.name,
    })
    try {
      const context = { client, informers, recorder, clock, random, logger }
      const controller = definition.create(context)
      await informers.synced(signal)
      logger.debug('caches are full')
      await runController(controller, context, signal)
    } catch (error) {
      if (!signal.aborted) logger.error('controller ended', { error: formatError(error) })
    }
  }
}

/** Whether the flag `--controllers` asks for a controller: the last word on a name counts. */
function isEnabled(
  { name, isDisabledByDefault }: Pick<ControllerDefinition, 'name' | 'isDisabledByDefault'>,
  controllers: readonly string[],
): boolean {
  if (controllers.includes(name)) return true
  if (controllers.includes(`-${name}`)) return false
  return controllers.includes('*') && isDisabledByDefault !== true
}

/** Remembers which informers one controller reads, to wait for these and no others. */
class ObservedInformers implements Informers {
  readonly #shared: Informers
  readonly #asked = new Set<Informer<KubeObject>>()

  constructor(shared: Informers) {
    this.#shared = shared
  }

  for: Informers['for'] = (kind, selection) => {
    const informer = this.#shared.for(kind, selection)
    this.#asked.add(informer as unknown as Informer<KubeObject>)
    return informer
  }

  stop: Informers['stop'] = (kind) => this.#shared.stop(kind)

  synced: Informers['synced'] = (signal, informers = this.#asked) =>
    this.#shared.synced(signal, informers)
}
