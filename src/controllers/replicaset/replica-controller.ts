import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { controllerOf, isControlledBy, ownerReferenceTo } from '../../machinery/owner-references.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { claim } from '../runtime/controller-ref-manager.ts'
import { Expectations } from '../runtime/expectations.ts'
import { watchOwnedPods } from '../runtime/owned-pods.ts'
import { isNamespaceTerminating, PodControl } from '../runtime/pod-control.ts'
import {
  indexByController,
  isPodActive,
  isPodTerminating,
  orphanedPods,
  podsControlledBy,
  untilNextAvailable,
} from '../runtime/pods.ts'
import { slowStart } from '../runtime/slow-start.ts'
import { planReplicas } from './plan-replicas.ts'
import type { ReplicaOwner, ReplicaOwnerKind, ReplicaOwnerStatus } from './replica-owner.ts'
import { isSameStatus, replicaStatus } from './replica-status.ts'

const BY_OWNER = 'ownerUid'

/** Keeps as many pods running as each object of one kind asks for. */
export class ReplicaController<T extends ReplicaOwner> implements Controller {
  readonly name: string
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #ownerKind: ReplicaOwnerKind<T>
  readonly #client: Client
  readonly #clock: Clock
  readonly #owners: Informer<T>
  readonly #pods: Informer<Pod>
  readonly #podControl: PodControl
  readonly #expectations: Expectations<Pod>
  #enqueue: Enqueue = () => {}

  constructor(ownerKind: ReplicaOwnerKind<T>, context: ControllerContext) {
    const { client, informers, clock, recorder } = context
    this.name = ownerKind.name
    this.#ownerKind = ownerKind
    this.#client = client
    this.#clock = clock
    this.#owners = informers.for(ownerKind.kind)
    this.#pods = informers.for(Pod)
    indexByController(this.#pods)
    this.#owners.addIndex(BY_OWNER, (owner) => {
      const reference = controllerOf(owner)
      return reference === undefined ? [] : [reference.uid]
    })
    this.#podControl = new PodControl(client, recorder)
    this.#expectations = new Expectations(clock, this.#pods)
    this.watches = [
      watch(this.#owners, (event) => {
        // Another object may take the name: what the old one did says nothing of it.
        if (event.type === 'DELETED') this.#expectations.forget(keyOf(event.object))
        return self(event)
      }),
      watchOwnedPods(this.#pods, this.#owners, ownerKind),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string, logger: Logger): Promise<Result> {
    const owner = this.#owners.get(key)
    if (owner === undefined) {
      this.#expectations.forget(key)
      return undefined
    }
    const maySync = this.#expectations.areSatisfied(key)
    if (!maySync) this.#expectations.whenCaughtUp(key, () => this.#enqueue(key))
    const selector = this.#ownerKind.selectorOf(owner)
    const known = [
      ...podsControlledBy(this.#pods, owner),
      ...orphanedPods(this.#pods, owner.metadata.namespace),
    ]
    const terminating = known.filter(
      (pod) =>
        isPodTerminating(pod) &&
        isControlledBy(pod, owner) &&
        selector.matches(pod.metadata.labels),
    )
    const active = await claim(known.filter(isPodActive), {
      client: this.#client,
      owner,
      ownerKind: this.#ownerKind.kind,
      kind: Pod,
      selector,
    })
    const isStaying = owner.metadata.deletionTimestamp === undefined
    const error = maySync && isStaying ? await this.#scale(owner, active, logger) : undefined
    const now = this.#clock.now()
    const reported = this.#ownerKind.reportsTerminating ? terminating : undefined
    const status = replicaStatus(owner, { active, terminating: reported, error, now })
    await this.#writeStatus(owner, status)
    if (error !== undefined) throw error
    return nextLook(owner, active, status, now)
  }

  /** Creates or deletes pods; returns why that failed, which belongs into the status. */
  async #scale(owner: T, active: readonly Pod[], logger: Logger): Promise<unknown> {
    const { create, remove } = planReplicas(
      owner.spec.replicas,
      active,
      () => this.#relatedPods(owner),
      this.#clock.now(),
    )
    if (create === 0 && remove.length === 0) return undefined
    logger.info('scaling', { wanted: owner.spec.replicas, create, remove: remove.length })
    return create > 0
      ? await this.#createPods(owner, create)
      : await this.#deletePods(owner, remove)
  }

  async #createPods(owner: T, count: number): Promise<unknown> {
    const { template } = owner.spec
    if (template === undefined) return undefined
    const reference = ownerReferenceTo(owner, this.#ownerKind.kind)
    const created: Pod[] = []
    const error = await slowStart(count, async () => {
      try {
        created.push(await this.#podControl.create(template, owner, reference))
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error
      }
    })
    this.#expectations.expect(keyOf(owner), { created })
    return error
  }

  async #deletePods(owner: T, pods: readonly Pod[]): Promise<unknown> {
    const results = await Promise.allSettled(
      pods.map(async (pod) => {
        try {
          await this.#podControl.delete(pod, owner)
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
    const deleted = pods.filter((_, index) => results[index]?.status === 'fulfilled')
    this.#expectations.expect(keyOf(owner), { deleted })
    return results.find((result) => result.status === 'rejected')?.reason
  }

  /** The pods of all objects with the same controller, such as a deployment's old and new ones. */
  #relatedPods(owner: T): readonly Pod[] {
    const reference = controllerOf(owner)
    if (reference === undefined) return podsControlledBy(this.#pods, owner)
    const siblings = this.#owners.byIndex(BY_OWNER, reference.uid)
    return siblings.flatMap((sibling) => podsControlledBy(this.#pods, sibling))
  }

  /** One more try on the newest version, since others write to the object too. */
  async #writeStatus(owner: T, status: ReplicaOwnerStatus): Promise<void> {
    if (isSameStatus(owner, status)) return
    const { kind, withStatus } = this.#ownerKind
    try {
      await this.#client.updateStatus(kind, withStatus(owner, status))
    } catch (error) {
      if (!isReason(error, 'Conflict')) throw error
      const { namespace, name } = owner.metadata
      const fresh = await this.#client.get(kind, { namespace, name })
      if (fresh.metadata.uid !== owner.metadata.uid) throw error
      await this.#client.updateStatus(kind, withStatus(fresh, status))
    }
  }
}

/** A pod that is ready becomes available without any change that a watch could tell. */
function nextLook(
  { spec: { minReadySeconds = 0 } }: ReplicaOwner,
  active: readonly Pod[],
  { readyReplicas = 0, availableReplicas = 0 }: ReplicaOwnerStatus,
  now: number,
): Result {
  if (minReadySeconds === 0 || readyReplicas === availableReplicas) return undefined
  const delayMs = untilNextAvailable(active, minReadySeconds, now)
  return { requeueAfterMs: delayMs ?? minReadySeconds * 1000 }
}
