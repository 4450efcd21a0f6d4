import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { ControllerRevision } from '../../kinds/apps/v1/controller-revision.ts'
import { DaemonSet } from '../../kinds/apps/v1/daemon-set.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { type Selector, selectorOf } from '../../machinery/label-selector.ts'
import { ownerReferenceTo } from '../../machinery/owner-references.ts'
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
import {
  ControllerHistory,
  isRevisionOf,
  REVISION_HASH,
  RevisionCollision,
} from '../runtime/controller-history.ts'
import { claim } from '../runtime/controller-ref-manager.ts'
import { Expectations } from '../runtime/expectations.ts'
import { FailureBackOff } from '../runtime/failure-back-off.ts'
import { watchOwnedPods } from '../runtime/owned-pods.ts'
import { isNamespaceTerminating, PodControl } from '../runtime/pod-control.ts'
import {
  indexByController,
  isPodFinished,
  orphanedPods,
  podsControlledBy,
} from '../runtime/pods.ts'
import { slowStart } from '../runtime/slow-start.ts'
import { templateHash } from '../runtime/template-hash.ts'
import { WriteBarrier } from '../runtime/write-barrier.ts'
import { daemonTemplate, nodeFit, targetNode } from './daemon-pod.ts'
import { daemonSetStatus } from './daemon-set-status.ts'
import { type DaemonState, planDaemonPods, planRollingUpdate } from './plan-daemon-pods.ts'

const BURST = 250
const FAILED_BASE_MS = 1_000
const FAILED_MAX_MS = 15 * 60_000

/** Keeps one pod of each DaemonSet on every node that it selects. */
export class DaemonSetController implements Controller {
  readonly name = 'daemonset-controller'
  readonly workers = 2
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #recorder: EventRecorder
  readonly #sets: Informer<DaemonSet>
  readonly #pods: Informer<Pod>
  readonly #nodes: Informer<Node>
  readonly #podControl: PodControl
  readonly #expectations: Expectations<Pod>
  readonly #history: ControllerHistory<DaemonSet>
  readonly #revisionBarrier: WriteBarrier
  readonly #setBarrier: WriteBarrier
  readonly #failedPods: FailureBackOff
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#recorder = recorder
    this.#sets = informers.for(DaemonSet)
    this.#pods = informers.for(Pod)
    this.#nodes = informers.for(Node)
    indexByController(this.#pods)
    const revisions = informers.for(ControllerRevision)
    this.#podControl = new PodControl(client, recorder)
    this.#expectations = new Expectations(clock, this.#pods)
    this.#revisionBarrier = new WriteBarrier(revisions)
    this.#setBarrier = new WriteBarrier(this.#sets)
    this.#history = new ControllerHistory(client, DaemonSet, revisions, this.#revisionBarrier)
    this.#failedPods = new FailureBackOff(clock, FAILED_BASE_MS, FAILED_MAX_MS)
    this.watches = [
      watch(this.#sets, (event) => {
        if (event.type === 'DELETED') this.#expectations.forget(keyOf(event.object))
        return self(event)
      }),
      watchOwnedPods(this.#pods, this.#sets, {
        kind: DaemonSet,
        selectorOf: ({ spec }) => selectorOf(spec.selector),
      }),
      watch(revisions, ({ object }) =>
        (object.metadata.ownerReferences ?? [])
          .filter(({ kind }) => kind === 'DaemonSet')
          .map(({ name }) => `${object.metadata.namespace}/${name}`),
      ),
      watch(this.#nodes, ({ type, object, old }) => this.#concernedBy(type, object, old)),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    const set = this.#sets.get(key)
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) {
      this.#expectations.forget(key)
      return undefined
    }
    const again = () => this.#enqueue(key)
    if (!this.#setBarrier.isPassed(key, again)) return undefined
    if (!this.#revisionBarrier.isPassed(key, again)) return undefined
    const selector = selectorOf(set.spec.selector)
    if (selector.isEverything) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.'
      this.#recorder.event(set, 'Warning', 'SelectingAll', message)
      return undefined
    }
    const maySync = this.#expectations.areSatisfied(key)
    if (!maySync) this.#expectations.whenCaughtUp(key, again)
    const known = [
      ...podsControlledBy(this.#pods, set),
      ...orphanedPods(this.#pods, set.metadata.namespace),
    ]
    const { hash, old } = await this.#revisionsOf(key, set, selector)
    const pods = await this.#claim(set, known, selector)
    return await this.#sync(key, this.#stateOf(set, hash, pods), old, pods, maySync)
  }

  async #sync(
    key: string,
    state: DaemonState,
    old: readonly ControllerRevision[],
    pods: readonly Pod[],
    maySync: boolean,
  ): Promise<Result> {
    const { set } = state
    let waitMs: number | undefined
    try {
      if (maySync) {
        waitMs = await this.#manage(key, state)
        if (this.#expectations.areSatisfied(key)) await this.#update(key, state)
        const hashes = new Set(pods.map(({ metadata }) => metadata.labels?.[REVISION_HASH]))
        await this.#history.cleanUp(old, set.spec.revisionHistoryLimit, ({ metadata }) =>
          hashes.has(metadata.labels?.[REVISION_HASH]),
        )
      }
    } finally {
      await this.#writeStatus(key, state, maySync)
    }
    const { minReadySeconds = 0 } = set.spec
    const status = daemonSetStatus(state, maySync)
    const isPending = minReadySeconds > 0 && status.numberReady !== (status.numberAvailable ?? 0)
    const readyMs = isPending ? minReadySeconds * 1000 : undefined
    const next = Math.min(waitMs ?? Number.POSITIVE_INFINITY, readyMs ?? Number.POSITIVE_INFINITY)
    return next === Number.POSITIVE_INFINITY ? undefined : { requeueAfterMs: next }
  }

  #stateOf(set: DaemonSet, hash: string, pods: readonly Pod[]): DaemonState {
    const podsByNode = new Map<string, Pod[]>()
    for (const pod of pods) {
      // It has ended and is on its way out: its place is free.
      if (isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined) continue
      const nodeName = targetNode(pod)
      if (nodeName === undefined) continue
      podsByNode.set(nodeName, [...(podsByNode.get(nodeName) ?? []), pod])
    }
    return { set, hash, nodes: this.#nodes.list(), podsByNode, now: this.#clock.now() }
  }

  /** Returns when a failed pod may be replaced that may not be now. */
  async #manage(key: string, state: DaemonState): Promise<number | undefined> {
    const { create, remove, failed, succeeded } = planDaemonPods(state)
    const { set } = state
    const all = [...remove]
    let waitMs: number | undefined
    for (const pod of failed) {
      const backOffKey = `${set.metadata.uid}/${set.status.observedGeneration}/${targetNode(pod)}`
      const leftMs = this.#failedPods.tryAgain(backOffKey)
      if (leftMs > 0) {
        waitMs = Math.min(waitMs ?? leftMs, leftMs)
        continue
      }
      this.#tellFinished(set, pod, 'Warning', 'FailedDaemonPod', 'failed', 'kill')
      all.push(pod)
    }
    for (const pod of succeeded) {
      this.#tellFinished(set, pod, 'Normal', 'SucceededDaemonPod', 'succeeded', 'delete')
      all.push(pod)
    }
    await this.#carryOut(key, state, create, all)
    return waitMs
  }

  async #update(key: string, state: DaemonState): Promise<void> {
    if (state.set.spec.updateStrategy.type !== 'RollingUpdate') return
    const { create, remove } = planRollingUpdate(state)
    await this.#carryOut(key, state, create, remove)
  }

  async #carryOut(
    key: string,
    { set, hash }: DaemonState,
    nodes: readonly string[],
    remove: readonly Pod[],
  ): Promise<void> {
    if (nodes.length + remove.length === 0) return
    const reference = ownerReferenceTo(set, DaemonSet)
    const wanted = nodes.slice(0, BURST)
    const created: Pod[] = []
    const failure = await slowStart(wanted.length, async () => {
      const nodeName = wanted.shift()
      if (nodeName === undefined) return
      try {
        const template = daemonTemplate(set, hash, nodeName)
        created.push(await this.#podControl.create(template, set, reference))
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error
      }
    })
    const leaving = remove.slice(0, BURST)
    const results = await Promise.allSettled(
      leaving.map(async (pod) => {
        try {
          await this.#podControl.delete(pod, set)
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
    const deleted = leaving.filter((_, index) => results[index]?.status === 'fulfilled')
    this.#expectations.expect(key, { created, deleted })
    const error = failure ?? results.find((result) => result.status === 'rejected')?.reason
    if (error !== undefined) throw error
  }

  async #revisionsOf(
    key: string,
    set: DaemonSet,
    selector: Selector,
  ): Promise<{ readonly hash: string; readonly old: readonly ControllerRevision[] }> {
    const revisions = await this.#history.list(set, selector)
    const same = revisions.filter((revision) => isRevisionOf(set, revision))
    const old = revisions.filter((revision) => !same.includes(revision))
    const next = Math.max(0, ...old.map(({ revision }) => revision)) + 1
    const newest = same.at(-1)
    if (newest !== undefined) {
      if (newest.revision < next) await this.#history.renumber(key, newest, next)
      return { hash: newest.metadata.labels?.[REVISION_HASH] ?? newest.metadata.name, old }
    }
    const hash = templateHash(set.spec.template, set.status.collisionCount)
    try {
      await this.#history.create(key, set, hash, next)
    } catch (error) {
      if (error instanceof RevisionCollision) {
        const collisionCount = (set.status.collisionCount ?? 0) + 1
        const status = { ...set.status, collisionCount }
        this.#setBarrier.wrote(key, await this.#client.updateStatus(DaemonSet, { ...set, status }))
      }
      throw error
    }
    return { hash, old }
  }

  #claim(set: DaemonSet, pods: readonly Pod[], selector: Selector): Promise<readonly Pod[]> {
    const client = this.#client
    return claim(pods, { client, owner: set, ownerKind: DaemonSet, kind: Pod, selector })
  }

  async #writeStatus(key: string, state: DaemonState, observes: boolean): Promise<void> {
    const { set } = state
    const status = daemonSetStatus(state, observes)
    if (deepEqual(set.status, status)) return
    this.#setBarrier.wrote(key, await this.#client.updateStatus(DaemonSet, { ...set, status }))
  }

  /** A node that comes, goes or changes concerns the sets for which it makes a difference. */
  #concernedBy(type: string, node: Node, old: Node | undefined): readonly string[] {
    const isSame =
      old !== undefined &&
      type === 'MODIFIED' &&
      deepEqual(node.metadata.labels, old.metadata.labels) &&
      deepEqual(node.spec.taints, old.spec.taints)
    if (isSame) return []
    return this.#sets
      .list()
      .filter((set) => {
        if (type === 'DELETED') return true
        const now = nodeFit(set, node)
        if (old === undefined) return now.shouldRun || now.mayStay
        return !deepEqual(now, nodeFit(set, old))
      })
      .map(keyOf)
  }

  #tellFinished(
    set: DaemonSet,
    pod: Pod,
    type: 'Normal' | 'Warning',
    reason: string,
    how: string,
    what: string,
  ): void {
    const where = `${keyOf(pod)} on node ${targetNode(pod)}`
    const message = `Found ${how} daemon pod ${where}, will try to ${what} it`
    this.#recorder.event(set, type, reason, message)
  }
}
