import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { isReason } from '../../machinery/status-error.ts'
import { MANAGED_BY, SERVICE_NAME } from '../endpointslice/plan-endpoint-slices.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  self,
  type Watch,
  watch,
  watchEvents,
} from '../runtime/controller.ts'
import { Expectations } from '../runtime/expectations.ts'
import { isNamespaceTerminating } from '../runtime/pod-control.ts'
import { WriteBarrier } from '../runtime/write-barrier.ts'
import {
  CONTROLLER,
  MAX_PER_SUBSET,
  type MirrorPlan,
  planMirror,
  shouldMirror,
} from './plan-mirror.ts'

const BY_ENDPOINTS = 'mirroredEndpoints'

/** Repeats Endpoints that are kept by hand (of services without selector) as EndpointSlices. */
export class EndpointSliceMirroringController implements Controller {
  readonly name = 'endpointslice-mirroring-controller'
  readonly workers = 5
  readonly maxRetries = 15
  readonly retryDelays = { baseDelayMs: 1_000, maxDelayMs: 100_000 }
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #recorder: EventRecorder
  readonly #endpoints: Informer<Endpoints>
  readonly #services: Informer<Service>
  readonly #slices: Informer<EndpointSlice>
  readonly #written: WriteBarrier
  readonly #deleted: Expectations<EndpointSlice>
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#recorder = recorder
    this.#endpoints = informers.for(Endpoints)
    this.#services = informers.for(Service)
    this.#slices = informers.for(EndpointSlice)
    this.#slices.addIndex(BY_ENDPOINTS, endpointsKeysOf)
    this.#written = new WriteBarrier(this.#slices)
    this.#deleted = new Expectations(clock, this.#slices)
    this.watches = [
      watch(this.#endpoints, (event) => {
        const { object, old } = event
        const isOurs = shouldMirror(object) || (old !== undefined && shouldMirror(old))
        return isOurs ? self(event) : []
      }),
      watch(this.#services, (event) => {
        const has = ({ spec }: Service) => spec.selector !== undefined
        const { type, object, old } = event
        const isNews =
          type === 'MODIFIED' && old !== undefined ? has(object) !== has(old) : !has(object)
        return isNews ? self(event) : []
      }),
      watchEvents(this.#slices, ({ object, old }, enqueue) => {
        const keys = [object, ...(old === undefined ? [] : [old])].flatMap(endpointsKeysOf)
        for (const key of new Set(keys)) enqueue(key)
      }),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    if (!this.#written.isPassed(key, () => this.#enqueue(key))) return undefined
    if (!this.#deleted.areSatisfied(key)) return undefined
    const slices = this.#slices.byIndex(BY_ENDPOINTS, key)
    const endpoints = this.#endpoints.get(key)
    const service = this.#services.get(key)
    const isMirrored =
      endpoints !== undefined &&
      shouldMirror(endpoints) &&
      service !== undefined &&
      service.spec.selector === undefined
    if (!isMirrored) {
      await this.#remove(key, slices)
      return undefined
    }
    const plan = planMirror(endpoints, slices)
    this.#tell(endpoints, plan)
    try {
      await this.#carryOut(key, endpoints, plan)
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error
    }
    return undefined
  }

  async #carryOut(key: string, { metadata }: Endpoints, plan: MirrorPlan): Promise<void> {
    const isStaying = metadata.deletionTimestamp === undefined
    for (const draft of isStaying ? plan.create : []) {
      this.#written.wrote(key, await this.#client.create(EndpointSlice, draft))
    }
    for (const slice of plan.update) {
      this.#written.wrote(key, await this.#client.update(EndpointSlice, slice))
    }
    await this.#remove(key, plan.remove)
  }

  async #remove(key: string, slices: readonly EndpointSlice[]): Promise<void> {
    for (const { metadata } of slices) {
      try {
        await this.#client.delete(EndpointSlice, metadata)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    if (slices.length > 0) this.#deleted.expect(key, { deleted: slices })
  }

  #tell(endpoints: Endpoints, { invalid, skipped, create, update }: MirrorPlan): void {
    if (create.length + update.length === 0) return
    if (invalid > 0) {
      const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`
      this.#recorder.event(endpoints, 'Warning', 'InvalidIPAddress', message)
    }
    if (skipped > invalid) {
      const limit = `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices`
      const message = `${limit} per Endpoints subset. ${skipped} addresses were skipped`
      this.#recorder.event(endpoints, 'Warning', 'TooManyAddressesToMirror', message)
    }
  }
}

function endpointsKeysOf({ metadata }: EndpointSlice): string[] {
  const { labels = {}, namespace } = metadata
  const name = labels[SERVICE_NAME]
  return labels[MANAGED_BY] === CONTROLLER && name !== undefined ? [`${namespace}/${name}`] : []
}
