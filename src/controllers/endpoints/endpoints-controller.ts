import { formatError } from '../../base/logger.ts'
import { type Client, keyOf, parseKey } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  hasManagedEndpoints,
  isHeadless,
  podsOf,
  watchServicePods,
} from '../endpointslice/service-pods.ts'
import { LAST_CHANGE_TRIGGER_TIME, TriggerTimes } from '../endpointslice/trigger-times.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { areSameStrings } from '../runtime/owner.ts'
import { isNamespaceTerminating } from '../runtime/pod-control.ts'
import { WriteBarrier } from '../runtime/write-barrier.ts'
import { endpointSubsets, truncateSubsets } from './endpoint-subsets.ts'

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'
const HEADLESS = 'service.kubernetes.io/headless'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'

/** Publishes the addresses of the pods behind each Service in an Endpoints object. */
export class EndpointsController implements Controller {
  readonly name = 'endpoints-controller'
  readonly workers = 5
  readonly maxRetries = 15
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #recorder: EventRecorder
  readonly #services: Informer<Service>
  readonly #pods: Informer<Pod>
  readonly #endpoints: Informer<Endpoints>
  readonly #written: WriteBarrier
  readonly #triggerTimes = new TriggerTimes()
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder }: ControllerContext) {
    this.#client = client
    this.#recorder = recorder
    this.#services = informers.for(Service)
    this.#pods = informers.for(Pod)
    this.#endpoints = informers.for(Endpoints)
    this.#written = new WriteBarrier(this.#endpoints)
    this.watches = [
      watch(this.#services, self),
      watchServicePods(this.#pods, this.#services),
      watch(this.#endpoints, (event) => (event.type === 'DELETED' ? self(event) : [])),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  /** Services may have gone while nobody looked: what they left is found once, at the start. */
  async run(): Promise<void> {
    for (const endpoints of this.#endpoints.list()) {
      const isLock = endpoints.metadata.annotations?.[LEADER] !== undefined
      if (!isLock) this.#enqueue(keyOf(endpoints))
    }
  }

  async reconcile(key: string): Promise<Result> {
    const service = this.#services.get(key)
    if (service === undefined) {
      await this.#remove(key)
      return undefined
    }
    if (!hasManagedEndpoints(service)) return undefined
    if (!this.#written.isPassed(key, () => this.#enqueue(key))) return undefined
    const pods = podsOf(this.#pods, service)
    const triggerTime = this.#triggerTimes.next(key, service, pods)
    const all = endpointSubsets(service, pods)
    const subsets = truncateSubsets(all)
    const current = this.#endpoints.get(key)
    const labels = labelsFor(service)
    if (current !== undefined && isCurrent(current, subsets, labels, subsets !== all)) {
      return undefined
    }
    const annotations = {
      ...withoutOwn(current?.metadata.annotations),
      ...(triggerTime !== undefined && { [LAST_CHANGE_TRIGGER_TIME]: triggerTime }),
      ...(subsets !== all && { [OVER_CAPACITY]: 'truncated' }),
    }
    await this.#write(key, service, current, { labels, annotations, subsets })
    return undefined
  }

  async #write(
    key: string,
    service: Service,
    current: Endpoints | undefined,
    {
      subsets,
      ...metadata
    }: Pick<Endpoints, 'subsets'> & Pick<Endpoints['metadata'], 'labels' | 'annotations'>,
  ): Promise<void> {
    const { name, namespace } = service.metadata
    try {
      const written =
        current === undefined
          ? await this.#client.create(Endpoints, {
              metadata: { name, namespace, ...metadata },
              subsets,
            })
          : await this.#client.update(Endpoints, {
              ...current,
              metadata: { ...current.metadata, ...metadata },
              subsets,
            })
      this.#written.wrote(key, written)
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      const text = formatError(error)
      if (current === undefined) {
        const message = `Failed to create endpoint for service ${key}: ${text}`
        this.#recorder.event(service, 'Warning', 'FailedToCreateEndpoint', message)
      } else {
        const message = `Failed to update endpoint ${key}: ${text}`
        this.#recorder.event(current, 'Warning', 'FailedToUpdateEndpoint', message)
      }
      throw error
    }
  }

  async #remove(key: string): Promise<void> {
    this.#triggerTimes.forget(key)
    this.#written.forget(key)
    try {
      await this.#client.delete(Endpoints, parseKey(key))
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}

function isCurrent(
  { metadata, subsets = [] }: Endpoints,
  wanted: NonNullable<Endpoints['subsets']>,
  labels: Readonly<Record<string, string>>,
  isTruncated: boolean,
): boolean {
  return (
    deepEqual(subsets, wanted) &&
    areSameStrings(metadata.labels, labels) &&
    (metadata.annotations?.[OVER_CAPACITY] !== undefined) === isTruncated
  )
}

/** The service's labels, and who keeps these endpoints. */
function labelsFor(service: Service): Readonly<Record<string, string>> {
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {}
  const headless = isHeadless(service) && { [HEADLESS]: '' }
  return { ...labels, ...headless, [MANAGED_BY]: 'endpoint-controller' }
}

function withoutOwn(
  annotations: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const { [LAST_CHANGE_TRIGGER_TIME]: _t, [OVER_CAPACITY]: _o, ...others } = annotations
  return others
}
