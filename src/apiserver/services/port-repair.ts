import { type Clock, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { heldPorts } from './held-ports.ts'
import type { PortRecord } from './port-record.ts'
import type { PortRange } from './range-allocation.ts'
import type { ServiceObserver } from './service-metrics.ts'

export interface PortRepairOptions {
  readonly services: ObjectStore
  readonly portRecord: PortRecord
  readonly ports: PortRange
  readonly clock: Clock
  readonly logger: Logger
  readonly observer: ServiceObserver
}

/** How often all are looked at. */
const REPAIR_MS = 180_000
/** A port that nobody has seems on its way to a service, so often. */
const LOOKS_BEFORE_RELEASE = 2

/** Makes the record of node ports say what services have (upstream's repair). */
export class PortRepair {
  readonly #options: PortRepairOptions
  /** How often more a port may be found without a service. */
  readonly #leaks = new Map<number, number>()

  constructor(options: PortRepairOptions) {
    this.#options = options
  }

  /** Resolves when the signal has aborted. */
  async run(recorder: EventRecorder, signal: AbortSignal): Promise<void> {
    const { clock, logger, observer } = this.#options
    do {
      try {
        await this.repair(recorder)
      } catch (error) {
        observer.portRepairFailed()
        logger.error('node ports cannot be repaired', { error: formatError(error) })
      }
    } while (await pause(clock, REPAIR_MS, signal))
  }

  /** Once over all services. */
  async repair(recorder: EventRecorder): Promise<void> {
    const { services, portRecord, ports, observer } = this.#options
    // First the record, then the services: what is in neither was not given out in between.
    await portRecord.read()
    await services.cache.fresh()
    const all = services.cache.list(SELECT_ALL).map(({ object }) => object as Service)
    const { held, faults } = heldPorts(all, ports)
    const missing = await portRecord.change((taken) => {
      const leaked = [...taken].filter((port) => !held.has(port))
      const kept = leaked.filter((port) => (this.#leaks.get(port) ?? LOOKS_BEFORE_RELEASE) > 0)
      const unrecorded = [...held.keys()].filter((port) => !taken.has(port))
      const result = { leaked, kept, unrecorded }
      const isSame = leaked.length === kept.length && unrecorded.length === 0
      return { result, taken: isSame ? undefined : new Set([...held.keys(), ...kept]) }
    })
    for (const port of this.#leaks.keys()) {
      if (!missing.leaked.includes(port)) this.#leaks.delete(port)
    }
    for (const port of missing.leaked) {
      const left = this.#leaks.get(port) ?? LOOKS_BEFORE_RELEASE
      if (left > 0) this.#leaks.set(port, left - 1)
      else {
        this.#leaks.delete(port)
        observer.portFault('leak')
      }
    }
    for (const port of missing.unrecorded) {
      const service = held.get(port)
      observer.portFault('repair')
      const text = `Port ${port} is not allocated; repairing`
      if (service !== undefined) recorder.event(service, 'Warning', 'PortNotAllocated', text)
    }
    for (const { service, type, reason, message } of faults) {
      observer.portFault(type)
      recorder.event(service, 'Warning', reason, message)
    }
  }
}
