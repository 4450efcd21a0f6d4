import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer, InformerEvent } from '../../client/lister.ts'
import { Lease } from '../../kinds/coordination/v1/lease.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { findCondition } from '../../machinery/conditions.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  type Watch,
  watch,
  watchEvents,
} from '../runtime/controller.ts'
import { patchPodStatus, withPodCondition } from '../runtime/pod-status.ts'
import { isPodReady } from '../runtime/pods.ts'
import { type GracePeriods, NodeHealth, silentConditions } from './node-health.ts'
import { evictionTaintKey, hasEvictionTaint, wantedTaints } from './node-taints.ts'
import { Zones, type ZonesChange } from './zones.ts'

const LEASE_NAMESPACE = 'kube-node-lease'
const BY_NODE = 'nodeName'
const POD_PREFIX = 'pod/'

/** Labels that older programs look for, kept equal to their successors. */
const LABEL_ALIASES: readonly (readonly [label: string, alias: string])[] = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
]

/**
 * Notices nodes that have fallen silent: their conditions become Unknown, their pods not ready,
 * and taints keep new pods away and (zone by zone, not all at once) drive the present ones off.
 */
export class NodeLifecycleController implements Controller {
  readonly name = 'node-lifecycle-controller'
  readonly workers = 8
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #recorder: EventRecorder
  readonly #nodes: Informer<Node>
  readonly #pods: Informer<Pod>
  readonly #periods: GracePeriods
  readonly #health = new NodeHealth()
  readonly #zones: Zones
  /** Nodes that this controller has found silent, whose pods are still to be told so. */
  readonly #podsToMark = new Set<string>()
  #enqueue: Enqueue = () => {}

  constructor(context: ControllerContext, periods: GracePeriods) {
    const { client, informers, recorder, clock } = context
    this.#client = client
    this.#clock = clock
    this.#recorder = recorder
    this.#periods = periods
    this.#zones = new Zones(clock)
    this.#nodes = informers.for(Node)
    this.#pods = informers.for(Pod)
    this.#pods.addIndex(BY_NODE, ({ spec }) => [spec.nodeName ?? ''])
    const leases = informers.for(Lease, { namespace: LEASE_NAMESPACE })
    this.watches = [
      watch(this.#nodes, (event) => this.#nodeChanged(event)),
      watchEvents(leases, ({ type, object }) => {
        if (type !== 'DELETED') this.#health.leaseSeen(object, clock.monotonic())
      }),
      // A pod that comes to a node after that has fallen silent must not count as ready.
      watch(this.#pods, ({ type, object, old }) => {
        const { nodeName = '' } = object.spec
        const isNew = type !== 'DELETED' && nodeName !== '' && nodeName !== old?.spec.nodeName
        return isNew ? [`${POD_PREFIX}${keyOf(object)}`] : []
      }),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    if (key.startsWith(POD_PREFIX)) {
      await this.#checkPod(key.slice(POD_PREFIX.length))
      return undefined
    }
    const node = this.#nodes.get(key)
    if (node === undefined) return undefined
    await this.#syncLabels(node)
    const leftMs = this.#health.untilLost(node, this.#periods, this.#clock.monotonic())
    if (leftMs <= 0 && (await this.#tellSilent(node))) return undefined
    if (this.#podsToMark.has(key)) await this.#markPodsNotReady(node)
    const retryMs = await this.#syncTaints(node)
    const waitMs = leftMs > 0 ? leftMs : undefined
    const next = Math.min(retryMs ?? Number.POSITIVE_INFINITY, waitMs ?? Number.POSITIVE_INFINITY)
    return next === Number.POSITIVE_INFINITY ? undefined : { requeueAfterMs: next }
  }

  #nodeChanged({ type, object }: InformerEvent<Node>): readonly string[] {
    const { name } = object.metadata
    if (type === 'DELETED') {
      this.#recorder.event(
        object,
        'Normal',
        'RemovingNode',
        `Removing Node ${name} from Controller`,
      )
      this.#health.forget(name)
      this.#podsToMark.delete(name)
      this.#zonesChanged(this.#zones.remove(name))
      return []
    }
    if (type === 'ADDED') {
      const message = `Registered Node ${name} in Controller`
      this.#recorder.event(object, 'Normal', 'RegisteredNode', message)
    }
    this.#health.nodeSeen(object, this.#clock.monotonic())
    this.#zonesChanged(this.#zones.put(object))
    return [name]
  }

  #zonesChanged(change: ZonesChange): void {
    if (change === 'none') return
    if (change === 'recovered') this.#health.forgive(this.#clock.monotonic())
    for (const { metadata } of this.#nodes.list()) this.#enqueue(metadata.name)
  }

  /** True when that was news; the changed node then comes back by the watch. */
  async #tellSilent(node: Node): Promise<boolean> {
    const { status, metadata } = node
    const conditions = silentConditions(node, this.#clock.now())
    if (conditions === status.conditions) return false
    await this.#client.updateStatus(Node, { ...node, status: { ...status, conditions } })
    if (findCondition(status.conditions, 'Ready')?.status === 'True') {
      this.#podsToMark.add(metadata.name)
      const message = `Node ${metadata.name} status is now: NodeNotReady`
      this.#recorder.event(node, 'Normal', 'NodeNotReady', message)
    }
    return true
  }

  /** Returns when to try again to drive pods off a lost node. */
  async #syncTaints(node: Node): Promise<number | undefined> {
    const evictionKey = evictionTaintKey(findCondition(node.status.conditions, 'Ready')?.status)
    let wantedKey = this.#zones.areAllLost ? undefined : evictionKey
    let retryMs: number | undefined
    if (wantedKey !== undefined && !this.#isGivenUp(node)) {
      const permission = this.#zones.tryEvict(node)
      if (permission !== true) {
        wantedKey = undefined
        retryMs = permission
      }
    }
    const taints = wantedTaints(node, wantedKey, this.#clock.now())
    if (taints === node.spec.taints || (taints.length === 0 && node.spec.taints === undefined)) {
      return retryMs
    }
    const { name, resourceVersion } = node.metadata
    const patch = { metadata: { resourceVersion }, spec: { taints } }
    await this.#client.patch(Node, { name }, 'application/strategic-merge-patch+json', patch)
    return retryMs
  }

  /** It has a NoExecute taint of one of the two sorts: swapping them needs no permission. */
  #isGivenUp(node: Node): boolean {
    return ['False', 'Unknown'].some((status) => {
      const key = evictionTaintKey(status)
      return key !== undefined && hasEvictionTaint(node, key)
    })
  }

  async #markPodsNotReady({ metadata, status }: Node): Promise<void> {
    const { name } = metadata
    const isBack = findCondition(status.conditions, 'Ready')?.status === 'True'
    const pods = isBack ? [] : this.#pods.byIndex(BY_NODE, name)
    for (const pod of pods) await this.#markNotReady(pod)
    this.#podsToMark.delete(name)
  }

  async #checkPod(key: string): Promise<void> {
    const pod = this.#pods.get(key)
    const node = this.#nodes.get(pod?.spec.nodeName ?? '')
    const ready = findCondition(node?.status.conditions, 'Ready')
    if (pod === undefined || ready === undefined || ready.status === 'True') return
    await this.#markNotReady(pod)
  }

  async #markNotReady(pod: Pod): Promise<void> {
    if (!isPodReady(pod)) return
    const ready = findCondition(pod.status.conditions, 'Ready')
    const change = { ...ready, type: 'Ready', status: 'False' as const }
    try {
      const conditions = withPodCondition(pod, change, this.#clock.now())
      await patchPodStatus(this.#client, pod, { conditions })
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      throw error
    }
    this.#recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
  }

  async #syncLabels({ metadata }: Node): Promise<void> {
    const { name, labels = {} } = metadata
    const missing = LABEL_ALIASES.filter(
      ([label, alias]) => labels[label] !== undefined && labels[label] !== labels[alias],
    )
    if (missing.length === 0) return
    const changed = Object.fromEntries(missing.map(([label, alias]) => [alias, labels[label]]))
    const patch = { metadata: { labels: changed } }
    await this.#client.patch(Node, { name }, 'application/strategic-merge-patch+json', patch)
  }
}
