import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer, InformerEvent, Informers } from '../../client/lister.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ReplicationController } from '../../kinds/core/v1/replication-controller.ts'
import { ResourceQuota } from '../../kinds/core/v1/resource-quota.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import type { QuotaEvaluator } from '../../kinds/quota/evaluator.ts'
import { quotaEvaluatorOf } from '../../kinds/quota/evaluators.ts'
import { ResourceClaim } from '../../kinds/resource/v1/resource-claim.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { CountedResources } from './counted-resources.ts'
import { type Counted, planStatus } from './plan-usage.ts'

/** Upstream's `--resource-quota-sync-period`: what was taken for nothing is found by then. */
const SYNC_PERIOD_MS = 300_000
/** A quota may count a kind that is not served yet. */
const DISCOVERY_PERIOD_MS = 30_000
/**
 * What a write takes from a quota is taken before its object is there to be counted. So nothing is
 * given back before the quota has been left alone for a moment, or for long under constant writes.
 */
const SETTLE_MS = 500
const MOST_SETTLE_MS = 5_000

/** All kinds whose use has a name of its own; each may have a quota in any namespace. */
const KINDS: readonly KindRef[] = [
  ...[Pod, Service, PersistentVolumeClaim, ResourceClaim],
  ...[ConfigMap, ResourceQuota, ReplicationController, Secret],
]

interface Source {
  readonly evaluator: QuotaEvaluator
  readonly informer: Informer<KubeObject>
}

/** Puts the bounds of quotas in force, and counts again what is used of them. */
export class ResourceQuotaController implements Controller {
  readonly name = 'resourcequota-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #quotas: Informer<ResourceQuota>
  readonly #sources: readonly Source[]
  readonly #counted: CountedResources
  /** When a quota changed last, and since when something waits to be given back. */
  readonly #changedAt = new Map<string, number>()
  readonly #freeingSince = new Map<string, number>()
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#quotas = informers.for(ResourceQuota)
    this.#sources = KINDS.flatMap((kind) => sourceOf(kind, informers))
    this.#counted = new CountedResources(client, informers, (kind, event) => {
      const evaluator = quotaEvaluatorOf(kind)
      if (evaluator === undefined) return
      for (const key of this.#freedBy(evaluator, event)) this.#enqueue(key)
    })
    this.watches = [
      watch(this.#quotas, (event) => this.#quotaChanged(event)),
      ...this.#sources.map(({ evaluator, informer }) =>
        watch(informer, (event) => this.#freedBy(evaluator, event)),
      ),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#counted[Symbol.dispose](), { once: true })
  }

  async reconcile(key: string): Promise<Result> {
    const counted = await this.#countedFor(key)
    // Nothing is awaited between here and the write: all of one moment.
    const quota = this.#quotas.get(key)
    if (quota === undefined || counted === undefined) return undefined
    const now = this.#clock.monotonic()
    const waitMs = this.#settlesIn(key, now)
    const objects = counted.sources.map(
      ({ evaluator, informer }): Counted => ({
        evaluator,
        objects: informer.list(quota.metadata.namespace),
      }),
    )
    const { status, isLater } = planStatus(quota, objects, this.#clock.now(), waitMs <= 0)
    if (!isLater) this.#freeingSince.delete(key)
    else if (!this.#freeingSince.has(key)) this.#freeingSince.set(key, now)
    if (status !== undefined) await this.#client.updateStatus(ResourceQuota, { ...quota, status })
    if (isLater) return { requeueAfterMs: waitMs }
    return { requeueAfterMs: counted.isComplete ? SYNC_PERIOD_MS : DISCOVERY_PERIOD_MS }
  }

  #settlesIn(key: string, now: number): number {
    const rested = (this.#changedAt.get(key) ?? 0) + SETTLE_MS
    const latest = (this.#freeingSince.get(key) ?? now) + MOST_SETTLE_MS
    return Math.min(rested, latest) - now
  }

  #quotaChanged({ type, object, old }: InformerEvent<ResourceQuota>): readonly string[] {
    const key = keyOf(object)
    if (type === 'DELETED') {
      this.#changedAt.delete(key)
      this.#freeingSince.delete(key)
      return []
    }
    const hasNewUse = !deepEqual(object.status.used, old?.status.used)
    if (hasNewUse) this.#changedAt.set(key, this.#clock.monotonic())
    // Its use is changed by admission all the time, and that is right.
    return type === 'ADDED' || !deepEqual(object.spec.hard, old?.spec.hard) ? [key] : []
  }

  /** The quotas of which less is used by now. */
  #freedBy(
    evaluator: QuotaEvaluator,
    { type, object, old }: InformerEvent<KubeObject>,
  ): readonly string[] {
    // Most namespaces have no quota, and then a change is not worth a look.
    const quotas = this.#quotas.list(object.metadata.namespace)
    if (quotas.length === 0 || type === 'ADDED') return []
    const frees = type === 'DELETED' || (old !== undefined && evaluator.frees(object, old))
    if (!frees) return []
    return quotas
      .filter(({ status }) => Object.keys(status.hard ?? {}).some((one) => evaluator.covers(one)))
      .map(keyOf)
  }

  /** All that a quota bounds; undefined while some of it is not in the cache: it comes again. */
  async #countedFor(
    key: string,
  ): Promise<{ readonly sources: readonly Source[]; readonly isComplete: boolean } | undefined> {
    const bounds = Object.keys(this.#quotas.get(key)?.spec.hard ?? {})
    const sources = this.#sources.filter(({ evaluator }) => bounds.some(evaluator.covers))
    let isComplete = true
    for (const name of bounds) {
      if (!name.startsWith('count/')) continue
      if (this.#sources.some(({ evaluator }) => evaluator.covers(name))) continue
      const informer = await this.#counted.follow(name)
      const evaluator = informer && quotaEvaluatorOf(informer.kind)
      if (informer === undefined || evaluator === undefined) {
        isComplete = false
        continue
      }
      if (!informer.hasSynced) {
        informer.whenSynced(() => this.#enqueue(key))
        return undefined
      }
      sources.push({ evaluator, informer })
    }
    return { sources, isComplete }
  }
}

function sourceOf(kind: KindRef, informers: Informers): readonly Source[] {
  const evaluator = quotaEvaluatorOf(kind)
  if (evaluator === undefined) return []
  return [{ evaluator, informer: informers.for(kind) as Informer<KubeObject> }]
}
