import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { ControllerRevision } from '../../kinds/apps/v1/controller-revision.ts'
import { StatefulSet } from '../../kinds/apps/v1/stateful-set.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { type Selector, selectorOf } from '../../machinery/label-selector.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import {
  ControllerHistory,
  isRevisionOf,
  REVISION_HASH,
  RevisionCollision,
} from '../runtime/controller-history.ts'
import { claim } from '../runtime/controller-ref-manager.ts'
import { Expectations } from '../runtime/expectations.ts'
import { watchOwnedPods } from '../runtime/owned-pods.ts'
import { isNamespaceTerminating } from '../runtime/pod-control.ts'
import {
  indexByController,
  orphanedPods,
  podsControlledBy,
  untilNextAvailable,
} from '../runtime/pods.ts'
import { templateHash } from '../runtime/template-hash.ts'
import { WriteBarrier } from '../runtime/write-barrier.ts'
import { type Revisions, slotsOf, statefulSetStatus } from './plan-stateful-set.ts'
import { ordinalOf } from './stateful-pod.ts'
import { StatefulPodControl } from './stateful-pod-control.ts'
import { StatefulSetStep } from './stateful-set-step.ts'

/** Keeps the numbered pods of each StatefulSet, with their names, their order and their claims. */
export class StatefulSetController implements Controller {
  readonly name = 'statefulset-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #sets: Informer<StatefulSet>
  readonly #pods: Informer<Pod>
  readonly #podControl: StatefulPodControl
  readonly #history: ControllerHistory<StatefulSet>
  readonly #expectations: Expectations<Pod>
  readonly #barriers: readonly WriteBarrier[]
  readonly #setBarrier: WriteBarrier
  readonly #podBarrier: WriteBarrier
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#sets = informers.for(StatefulSet)
    this.#pods = informers.for(Pod)
    indexByController(this.#pods)
    const claims = informers.for(PersistentVolumeClaim)
    const revisions = informers.for(ControllerRevision)
    const claimBarrier = new WriteBarrier(claims)
    const revisionBarrier = new WriteBarrier(revisions)
    this.#setBarrier = new WriteBarrier(this.#sets)
    this.#podBarrier = new WriteBarrier(this.#pods)
    this.#barriers = [this.#setBarrier, claimBarrier, revisionBarrier, this.#podBarrier]
    this.#podControl = new StatefulPodControl(client, recorder, claims, claimBarrier)
    this.#history = new ControllerHistory(client, StatefulSet, revisions, revisionBarrier)
    this.#expectations = new Expectations(clock, this.#pods)
    this.watches = [
      watch(this.#sets, (event) => {
        if (event.type === 'DELETED') this.#expectations.forget(keyOf(event.object))
        return self(event)
      }),
      watchOwnedPods(this.#pods, this.#sets, {
        kind: StatefulSet,
        selectorOf: ({ spec }) => selectorOf(spec.selector),
      }),
      // A claim that goes may be the one that a new pod waits for.
      watch(claims, ({ type, object: { metadata } }) =>
        type !== 'DELETED'
          ? []
          : this.#sets
              .list(metadata.namespace)
              .filter(({ spec }) => (spec.volumeClaimTemplates ?? []).length > 0)
              .map(keyOf),
      ),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    const set = this.#sets.get(key)
    if (set === undefined) {
      this.#expectations.forget(key)
      for (const barrier of this.#barriers) barrier.forget(key)
      return undefined
    }
    const again = () => this.#enqueue(key)
    if (!this.#barriers.every((barrier) => barrier.isPassed(key, again))) return undefined
    if (!this.#expectations.areSatisfied(key)) {
      this.#expectations.whenCaughtUp(key, again)
      return undefined
    }
    const known = [
      ...podsControlledBy(this.#pods, set),
      ...orphanedPods(this.#pods, set.metadata.namespace),
    ].filter(({ metadata }) => ordinalOf(set.metadata.name, metadata.name) !== undefined)
    try {
      return await this.#sync(key, set, known)
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined
      throw error
    }
  }

  async #sync(key: string, set: StatefulSet, known: readonly Pod[]): Promise<Result> {
    const selector = selectorOf(set.spec.selector)
    const all = await this.#history.list(set, selector)
    const pods = await this.#claim(set, known, selector)
    const { revisions, collisionCount } = await this.#revisionsOf(key, set, all)
    const now = this.#clock.now()
    const step = new StatefulSetStep({
      key,
      set,
      revisions,
      now,
      slots: slotsOf(set, pods),
      control: this.#podControl,
    })
    try {
      if (set.metadata.deletionTimestamp === undefined) await step.take()
    } finally {
      const { created, deleted, mended } = step
      this.#expectations.expect(key, { created, deleted })
      for (const pod of mended) this.#podBarrier.wrote(key, pod)
      await this.#writeStatus(key, set, statusAfter(step, pods, collisionCount))
    }
    const live = new Set([
      revisions.current.metadata.name,
      revisions.update.metadata.name,
      ...pods.map(({ metadata }) => metadata.labels?.[REVISION_HASH]),
    ])
    await this.#history.cleanUp(all, set.spec.revisionHistoryLimit, ({ metadata }) =>
      live.has(metadata.name),
    )
    const { minReadySeconds = 0 } = set.spec
    const waitMs = minReadySeconds > 0 ? untilNextAvailable(pods, minReadySeconds, now) : undefined
    return waitMs === undefined ? undefined : { requeueAfterMs: waitMs }
  }

  /** The revision that new pods are of, and the one that not yet updated pods are of. */
  async #revisionsOf(
    key: string,
    set: StatefulSet,
    all: readonly ControllerRevision[],
  ): Promise<{ readonly revisions: Revisions; readonly collisionCount: number }> {
    let collisionCount = set.status.collisionCount ?? 0
    const last = all.at(-1)
    const same = all.filter((revision) => isRevisionOf(set, revision)).at(-1)
    const next = (last?.revision ?? 0) + 1
    let update = same
    if (same !== undefined && same !== last) update = await this.#history.renumber(key, same, next)
    while (update === undefined) {
      try {
        const hash = templateHash(set.spec.template, collisionCount)
        update = await this.#history.create(key, set, hash, next)
      } catch (error) {
        if (!(error instanceof RevisionCollision)) throw error
        collisionCount++
      }
    }
    const current =
      all.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? update
    return { revisions: { current, update }, collisionCount }
  }

  #claim(set: StatefulSet, pods: readonly Pod[], selector: Selector): Promise<readonly Pod[]> {
    const client = this.#client
    return claim(pods, { client, owner: set, ownerKind: StatefulSet, kind: Pod, selector })
  }

  async #writeStatus(key: string, set: StatefulSet, status: StatefulSet['status']): Promise<void> {
    if (deepEqual(set.status, status)) return
    this.#setBarrier.wrote(key, await this.#client.updateStatus(StatefulSet, { ...set, status }))
  }
}

/** A pod that was deleted for its update no longer counts as one of the current revision. */
function statusAfter(
  { set, revisions, now, updating }: StatefulSetStep,
  pods: readonly Pod[],
  collisionCount: number,
): StatefulSet['status'] {
  const status = statefulSetStatus(set, pods, revisions, collisionCount, now)
  const { currentReplicas = 0 } = status
  if (updating === undefined || currentReplicas === 0) return status
  const { currentReplicas: _, ...others } = status
  return currentReplicas === 1 ? others : { ...others, currentReplicas: currentReplicas - 1 }
}
