import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { type PodConditionChange, patchPodStatus, withPodCondition } from '../runtime/pod-status.ts'
import { noExecuteTaints, toleratedMs } from './plan-eviction.ts'

const BY_NODE = 'nodeName'
const REASON = 'TaintManagerEviction'

const EVICTED: PodConditionChange = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
}

/** Deletes pods from nodes with NoExecute taints, each as soon as its tolerations run out. */
export class TaintEvictionController implements Controller {
  readonly name = 'taint-eviction-controller'
  readonly workers = 8
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #recorder: EventRecorder
  readonly #pods: Informer<Pod>
  readonly #nodes: Informer<Node>
  /** When the tolerations of a pod run out, by the monotonic clock. */
  readonly #dueAt = new Map<string, number>()

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#recorder = recorder
    this.#pods = informers.for(Pod)
    this.#nodes = informers.for(Node)
    this.#pods.addIndex(BY_NODE, ({ spec }) => [spec.nodeName ?? ''])
    this.watches = [
      watch(this.#pods, ({ type, object, old }) => {
        if (type === 'DELETED') {
          this.#cancel(object)
          return []
        }
        const isSame =
          old?.spec.nodeName === object.spec.nodeName &&
          deepEqual(old?.spec.tolerations, object.spec.tolerations)
        return isSame || (object.spec.nodeName ?? '') === '' ? [] : [keyOf(object)]
      }),
      watch(this.#nodes, ({ type, object, old }) => {
        const before = noExecuteTaints(old?.spec.taints)
        const now = type === 'DELETED' ? [] : noExecuteTaints(object.spec.taints)
        if (deepEqual(before, now)) return []
        return this.#pods.byIndex(BY_NODE, object.metadata.name).map(keyOf)
      }),
    ]
  }

  async reconcile(key: string): Promise<Result> {
    const pod = this.#pods.get(key)
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) {
      this.#dueAt.delete(key)
      return undefined
    }
    const node = this.#nodes.get(pod.spec.nodeName ?? '')
    const stayMs = toleratedMs(node?.spec.taints ?? [], pod.spec.tolerations ?? [])
    if (stayMs === Number.POSITIVE_INFINITY) {
      this.#cancel(pod)
      return undefined
    }
    const now = this.#clock.monotonic()
    // A deadline that has begun to run stays, unless nothing is tolerated any more.
    const dueAt = stayMs === 0 ? now : (this.#dueAt.get(key) ?? now + stayMs)
    this.#dueAt.set(key, dueAt)
    if (dueAt > now) return { requeueAfterMs: dueAt - now }
    await this.#evict(key, pod)
    return undefined
  }

  async #evict(key: string, pod: Pod): Promise<void> {
    const { namespace, name } = pod.metadata
    this.#recorder.event(pod, 'Normal', REASON, `Marking for deletion Pod ${key}`)
    try {
      const conditions = withPodCondition(pod, EVICTED, this.#clock.now())
      if (conditions !== pod.status.conditions) {
        await patchPodStatus(this.#client, pod, { conditions })
      }
      const preconditions = { uid: pod.metadata.uid }
      await this.#client.delete(Pod, { namespace, name }, { preconditions })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    this.#dueAt.delete(key)
  }

  #cancel(pod: Pod): void {
    const key = keyOf(pod)
    if (!this.#dueAt.delete(key) || pod.metadata.deletionTimestamp !== undefined) return
    this.#recorder.event(pod, 'Normal', REASON, `Cancelling deletion of Pod ${key}`)
  }
}
