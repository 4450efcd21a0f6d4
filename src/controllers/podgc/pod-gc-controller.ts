import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  type Watch,
  watchEvents,
} from '../runtime/controller.ts'
import { type PodConditionChange, patchPodStatus, withPodCondition } from '../runtime/pod-status.ts'
import { isPodFinished } from '../runtime/pods.ts'
import { isStuckOnNode, isUnscheduledTerminating, surplusFinishedPods } from './plan-pod-gc.ts'

/** How long a node must be gone before its pods go too: it may only be registering anew. */
const QUARANTINE_MS = 40_000
const NODE_PREFIX = 'node/'
const FINISHED = 'finished'
const BY_NODE = 'nodeName'

const NODE_GONE: PodConditionChange = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
}

/**
 * Removes pods that nobody else will: those of nodes that are gone or out of service, those deleted
 * before they had a node, and finished ones beyond a limit.
 */
export class PodGcController implements Controller {
  readonly name = 'pod-garbage-collector-controller'
  readonly workers = 4
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #pods: Informer<Pod>
  readonly #nodes: Informer<Node>
  readonly #threshold: number
  #enqueue: Enqueue = () => {}
  #finished = 0

  /** `threshold`: how many finished pods may stay (upstream: 12500); 0 for all. */
  constructor({ client, informers, clock }: ControllerContext, threshold: number) {
    this.#client = client
    this.#clock = clock
    this.#threshold = threshold
    this.#pods = informers.for(Pod)
    this.#nodes = informers.for(Node)
    this.#pods.addIndex(BY_NODE, ({ spec }) => [spec.nodeName ?? ''])
    this.watches = [
      watchEvents(this.#pods, ({ type, object, old }) => this.#podChanged(type, object, old)),
      watchEvents(this.#nodes, ({ type, object: { metadata } }, enqueue) => {
        if (type === 'DELETED') enqueue(`${NODE_PREFIX}${metadata.name}`, QUARANTINE_MS)
        else for (const pod of this.#podsOn(metadata.name)) this.#checkStuck(pod)
      }),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    if (key === FINISHED) {
      const surplus = surplusFinishedPods(this.#pods.list(), this.#threshold)
      await Promise.all(surplus.map((pod) => this.#remove(pod)))
    } else if (key.startsWith(NODE_PREFIX)) await this.#removeOrphans(key.slice(NODE_PREFIX.length))
    else await this.#removeIfStuck(key)
    return undefined
  }

  #podChanged(type: string, pod: Pod, old: Pod | undefined): void {
    const isFinished = type !== 'DELETED' && isPodFinished(pod)
    const wasFinished = old !== undefined && isPodFinished(old)
    this.#finished += Number(isFinished) - Number(wasFinished)
    if (this.#threshold > 0 && this.#finished > this.#threshold) this.#enqueue(FINISHED)
    if (type === 'DELETED') return
    const { nodeName = '' } = pod.spec
    if (nodeName !== '' && this.#nodes.get(nodeName) === undefined) {
      this.#enqueue(`${NODE_PREFIX}${nodeName}`, QUARANTINE_MS)
    }
    this.#checkStuck(pod)
  }

  #checkStuck(pod: Pod): void {
    if (this.#isStuck(pod)) this.#enqueue(keyOf(pod))
  }

  #isStuck(pod: Pod): boolean {
    const node = this.#nodes.get(pod.spec.nodeName ?? '')
    return isUnscheduledTerminating(pod) || isStuckOnNode(pod, node)
  }

  async #removeIfStuck(key: string): Promise<void> {
    const pod = this.#pods.get(key)
    if (pod !== undefined && this.#isStuck(pod)) await this.#remove(pod)
  }

  async #removeOrphans(nodeName: string): Promise<void> {
    if (this.#podsOn(nodeName).length === 0 || (await this.#exists(nodeName))) return
    await Promise.all(this.#podsOn(nodeName).map((pod) => this.#remove(pod, NODE_GONE)))
  }

  #podsOn(nodeName: string): readonly Pod[] {
    return this.#pods.byIndex(BY_NODE, nodeName)
  }

  /** A cache may be late, and nothing brings a pod back. */
  async #exists(nodeName: string): Promise<boolean> {
    if (this.#nodes.get(nodeName) !== undefined) return true
    try {
      await this.#client.get(Node, { name: nodeName })
      return true
    } catch (error) {
      if (isReason(error, 'NotFound')) return false
      throw error
    }
  }

  /** Without grace: there is no kubelet to wait for. Who watches the pod is told that it failed. */
  async #remove(pod: Pod, condition?: PodConditionChange): Promise<void> {
    const { namespace, name, uid } = pod.metadata
    try {
      if (!isPodFinished(pod)) {
        await patchPodStatus(this.#client, pod, {
          phase: 'Failed',
          ...(condition !== undefined && {
            conditions: withPodCondition(pod, condition, this.#clock.now()),
          }),
        })
      }
      const options = { gracePeriodSeconds: 0, preconditions: { uid } }
      await this.#client.delete(Pod, { namespace, name }, options)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}
