import { formatError } from '../../base/logger.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { isReason } from '../../machinery/status-error.ts'
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
import { type AddressType, addressTypesOf, desiredEndpoints } from './desired-endpoints.ts'
import {
  CONTROLLER,
  MANAGED_BY,
  planEndpointSlices,
  SERVICE_NAME,
  type SlicePlan,
} from './plan-endpoint-slices.ts'
import { hasManagedEndpoints, podsOf, watchServicePods } from './service-pods.ts'
import { LAST_CHANGE_TRIGGER_TIME, TriggerTimes } from './trigger-times.ts'

/** Endpoints in one slice, at most (upstream's default). */
const CAPACITY = 100
/** Somebody else has changed a slice: no hurry to change it back. */
const FOREIGN_CHANGE_DELAY_MS = 1_000
const BY_SERVICE = 'service'

/** Publishes the addresses of the pods behind each Service in EndpointSlices. */
export class EndpointSliceController implements Controller {
  readonly name = 'endpointslice-controller'
  readonly workers = 5
  readonly maxRetries = 15
  readonly retryDelays = { baseDelayMs: 1_000, maxDelayMs: 1_000_000 }
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #recorder: EventRecorder
  readonly #services: Informer<Service>
  readonly #pods: Informer<Pod>
  readonly #nodes: Informer<Node>
  readonly #slices: Informer<EndpointSlice>
  readonly #written: WriteBarrier
  readonly #deleted: Expectations<EndpointSlice>
  /** The versions of slices that this controller has written itself. */
  readonly #ownVersions = new Map<string, string>()
  readonly #triggerTimes = new TriggerTimes()
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#recorder = recorder
    this.#services = informers.for(Service)
    this.#pods = informers.for(Pod)
    this.#nodes = informers.for(Node)
    this.#slices = informers.for(EndpointSlice)
    this.#slices.addIndex(BY_SERVICE, (slice) => serviceKeysOf(slice))
    this.#written = new WriteBarrier(this.#slices)
    this.#deleted = new Expectations(clock, this.#slices)
    this.watches = [
      watch(this.#services, self),
      watchServicePods(this.#pods, this.#services),
      watchEvents(this.#slices, ({ type, object, old }, enqueue) => {
        const isOwn = this.#ownVersions.get(keyOf(object)) === object.metadata.resourceVersion
        if (type === 'DELETED') this.#ownVersions.delete(keyOf(object))
        else if (isOwn) return
        const keys = [object, ...(old === undefined ? [] : [old])].flatMap(serviceKeysOf)
        for (const key of new Set(keys)) enqueue(key, FOREIGN_CHANGE_DELAY_MS)
      }),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    const service = this.#services.get(key)
    if (service === undefined) {
      this.#triggerTimes.forget(key)
      this.#written.forget(key)
      this.#deleted.forget(key)
      return undefined
    }
    if (!hasManagedEndpoints(service)) return undefined
    if (!this.#written.isPassed(key, () => this.#enqueue(key))) return undefined
    if (!this.#deleted.areSatisfied(key)) return undefined
    try {
      await this.#sync(key, service)
      return undefined
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined
      const { namespace, name } = service.metadata
      const what = `Error updating Endpoint Slices for Service ${namespace}/${name}`
      const message = `${what}: ${formatError(error)}`
      this.#recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message)
      throw error
    }
  }

  async #sync(key: string, service: Service): Promise<void> {
    const pods = podsOf(this.#pods, service)
    const slices = this.#slices
      .byIndex(BY_SERVICE, key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const triggerTime = this.#triggerTimes.next(key, service, pods)
    const types = addressTypesOf(service)
    const plans = types.map((type) => this.#plan(service, pods, slices, type))
    const foreign = slices.filter(({ addressType }) => !types.includes(addressType as AddressType))
    for (const { plan } of plans) await this.#carryOut(key, service, plan, triggerTime)
    await this.#remove(key, [...plans.flatMap(({ plan }) => plan.remove), ...foreign])
    const [missing] = plans.flatMap(({ withoutNode }) => withoutNode)
    if (missing === undefined) return
    const [pod, node] = missing
    throw new Error(`skipping Pod ${pod} for Service ${key}: Node ${node} Not Found`)
  }

  #plan(
    service: Service,
    pods: readonly Pod[],
    slices: readonly EndpointSlice[],
    type: AddressType,
  ) {
    const nodeOf = (name: string) => this.#nodes.get(name)
    const { groups, withoutNode } = desiredEndpoints(service, pods, nodeOf, type)
    const existing = slices.filter(({ addressType }) => addressType === type)
    return { plan: planEndpointSlices(service, existing, groups, type, CAPACITY), withoutNode }
  }

  async #carryOut(
    key: string,
    service: Service,
    { create, update }: SlicePlan,
    triggerTime: string | undefined,
  ): Promise<void> {
    const isStaying = service.metadata.deletionTimestamp === undefined
    for (const draft of isStaying ? create : []) {
      const metadata = { ...draft.metadata, annotations: annotationsWith({}, triggerTime) }
      this.#wrote(key, await this.#client.create(EndpointSlice, { ...draft, metadata }))
    }
    for (const slice of update) {
      const annotations = annotationsWith(slice.metadata.annotations, triggerTime)
      const metadata = { ...slice.metadata, annotations }
      this.#wrote(key, await this.#client.update(EndpointSlice, { ...slice, metadata }))
    }
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

  #wrote(key: string, slice: EndpointSlice): void {
    this.#written.wrote(key, slice)
    this.#ownVersions.set(keyOf(slice), slice.metadata.resourceVersion)
  }
}

/** The service that a slice of this controller belongs to. */
function serviceKeysOf({ metadata }: EndpointSlice): string[] {
  const { labels = {}, namespace } = metadata
  const name = labels[SERVICE_NAME]
  if (labels[MANAGED_BY] !== CONTROLLER || name === undefined || name === '') return []
  return [`${namespace}/${name}`]
}

function annotationsWith(
  annotations: Readonly<Record<string, string>> | undefined,
  triggerTime: string | undefined,
): Readonly<Record<string, string>> {
  const { [LAST_CHANGE_TRIGGER_TIME]: _, ...others } = annotations ?? {}
  return triggerTime === undefined ? others : { ...others, [LAST_CHANGE_TRIGGER_TIME]: triggerTime }
}
