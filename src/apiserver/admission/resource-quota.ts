import type { Clock } from '../../base/clock.ts'
import { andThen, type Eventual } from '../../base/eventual.ts'
import type { ResourceQuota as ResourceQuotaKind } from '../../kinds/core/v1/resource-quota.ts'
import type { QuotaEvaluator } from '../../kinds/quota/evaluator.ts'
import { quotaEvaluatorOf } from '../../kinds/quota/evaluators.ts'
import { isReason, notFound, StatusError } from '../../machinery/status-error.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import type { LimitedResource } from './limited-resources.ts'
import { refuse } from './pods.ts'
import { chargeQuotas, type QuotaRequest, type QuotaVerdict } from './quota-charges.ts'

/** A write that waits for its turn. */
interface Waiter {
  readonly attributes: AdmissionAttributes
  readonly evaluator: QuotaEvaluator
  resolve(): void
  reject(error: unknown): void
}

/**
 * Takes from the quotas of a namespace what a write uses, or refuses it. It is taken by compare and
 * swap on the status of the quota before the object is stored, so that many writers at many servers
 * never use more than there is. What is freed, or was taken for nothing, a controller gives back.
 *
 * Writes of one namespace that come together are judged together: one write of the quota for all.
 */
export class ResourceQuota implements AdmissionPlugin {
  readonly name = 'ResourceQuota'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly #quotas: ObjectStore
  readonly #clock: Clock
  readonly #limited: readonly LimitedResource[]
  /** By namespace, while somebody judges there. */
  readonly #waiting = new Map<string, Waiter[]>()

  /** `limited`: what may not be used without a quota. */
  constructor(quotas: ObjectStore, clock: Clock, limited: readonly LimitedResource[]) {
    this.#quotas = quotas
    this.#clock = clock
    this.#limited = limited
  }

  validate(attributes: AdmissionAttributes): Eventual<void> {
    const { namespace, kind } = attributes
    if (namespace === '') return
    const evaluator = quotaEvaluatorOf(kind)
    if (evaluator?.handles(attributes) !== true) return
    const { cache } = this.#quotas
    return andThen(cache.isFresh ? undefined : cache.fresh(), () => {
      if (cache.count(namespace) === 0 && this.#limited.length === 0) return
      return this.#wait(attributes, evaluator)
    })
  }

  #wait(attributes: AdmissionAttributes, evaluator: QuotaEvaluator): Promise<void> {
    const { namespace } = attributes
    return new Promise((resolve, reject) => {
      const waiter = { attributes, evaluator, resolve, reject }
      const others = this.#waiting.get(namespace)
      if (others !== undefined) {
        others.push(waiter)
        return
      }
      this.#waiting.set(namespace, [waiter])
      void this.#work(namespace)
    })
  }

  async #work(namespace: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(namespace) ?? []
      if (batch.length === 0) break
      this.#waiting.set(namespace, [])
      try {
        await this.#judge(namespace, batch)
      } catch (error) {
        // For those that have their answer already this is nothing.
        for (const waiter of batch) waiter.reject(error)
      }
    }
    this.#waiting.delete(namespace)
  }

  async #judge(namespace: string, batch: readonly Waiter[]): Promise<void> {
    await this.#quotas.cache.fresh()
    const found = this.#quotas.cache.list({ namespace, name: '' })
    const quotas = new Map(found.map((one) => [nameOf(one), one.object as ResourceQuotaKind]))
    const waitersByQuota = new Map<string, Waiter[]>()
    for (const waiter of batch) {
      const verdict = chargeQuotas([...quotas.values()], this.#requestOf(waiter))
      if (!isCharged(verdict, waiter)) continue
      for (const quota of verdict.charged) {
        const { name } = quota.metadata
        quotas.set(name, quota)
        waitersByQuota.set(name, [...(waitersByQuota.get(name) ?? []), waiter])
      }
    }
    for (const [name, waiters] of waitersByQuota) await this.#write(namespace, name, waiters)
    for (const waiter of batch) waiter.resolve()
  }

  /** Takes from one quota as it is by now; who finds no more room there is refused. */
  async #write(namespace: string, name: string, waiters: readonly Waiter[]): Promise<void> {
    let refusals = new Map<Waiter, string>()
    try {
      await this.#quotas.change(namespace, name, (current) => {
        if (current === undefined) throw notFound(this.#quotas.kind, name)
        refusals = new Map()
        let quota = current.object as ResourceQuotaKind
        for (const waiter of waiters) {
          const verdict = chargeQuotas([quota], { ...this.#requestOf(waiter), limited: [] })
          if ('refused' in verdict) refusals.set(waiter, verdict.refused)
          else if ('charged' in verdict) quota = verdict.charged[0] ?? quota
        }
        return { type: 'put', object: quota }
      })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error // One that has gone bounds nobody.
    }
    for (const [waiter, why] of refusals) waiter.reject(refuse(waiter.attributes, why))
  }

  #requestOf({ attributes, evaluator }: Waiter): QuotaRequest {
    const now = this.#clock.now()
    return { change: attributes, evaluator, now, limited: this.#limited }
  }
}

/** False for a write that has its answer: refused, or in no need of anything. */
function isCharged(
  verdict: QuotaVerdict,
  { attributes, resolve, reject }: Waiter,
): verdict is Extract<QuotaVerdict, { charged: unknown }> {
  if ('refused' in verdict) {
    reject(refuse(attributes, verdict.refused))
    return false
  }
  if ('failed' in verdict) {
    reject(new StatusError('', verdict.failed))
    return false
  }
  if (verdict.charged.length > 0 && !attributes.isDryRun) return true
  resolve()
  return false
}

function nameOf({ object }: StoredObject): string {
  return object.metadata.name
}
