import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { NodeInfo } from '../framework/node-info.ts'
import type { ClusterView } from '../framework/plugin.ts'
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts'
import { inTurn } from './zones.ts'

interface Placed {
  readonly info: PodInfo
  readonly nodeName: string
  /** Chosen here; the API server has not confirmed it yet. */
  readonly isAssumed: boolean
}

/**
 * What the scheduler believes of nodes and their pods: the informers' view, and ahead of it the
 * placements it has just chosen. A cycle is synchronous, so it needs no copy of this: nothing can
 * change while it looks. Pods are known by their uid, since a name may come again.
 */
export class SchedulerCache implements ClusterView {
  /** Also nodes that are unknown or gone, while pods are on them. */
  readonly #nodes = new Map<string, NodeInfo>()
  readonly #existing = new Map<string, NodeInfo>()
  #order: readonly NodeInfo[] | undefined
  readonly #placed = new Map<string, Placed>()
  readonly #withAffinity = new Set<NodeInfo>()
  readonly #withRequiredAntiAffinity = new Set<NodeInfo>()
  readonly #imageCounts = new Map<string, number>()

  get nodes(): readonly NodeInfo[] {
    this.#order ??= inTurn(this.#existing.values())
    return this.#order
  }

  get nodesWithAffinity(): Iterable<NodeInfo> {
    return this.#withAffinity
  }

  get nodesWithRequiredAntiAffinity(): Iterable<NodeInfo> {
    return this.#withRequiredAntiAffinity
  }

  /** Only nodes that exist. */
  node(name: string): NodeInfo | undefined {
    return this.#existing.get(name)
  }

  /** A node by its name, with the name where it is not there. */
  at(nodeName: string): { readonly nodeName: string; readonly node: NodeInfo | undefined } {
    return { nodeName, node: this.node(nodeName) }
  }

  imageCount(name: string): number {
    return this.#imageCounts.get(name) ?? 0
  }

  setNode(node: Node): void {
    const info = this.#nodeInfo(node.metadata.name)
    const labels = info.node?.metadata.labels
    this.#countImages(info, -1)
    info.setNode(node)
    this.#countImages(info, 1)
    if (!this.#existing.has(info.name) || labels !== node.metadata.labels) this.#order = undefined
    this.#existing.set(info.name, info)
  }

  /** The pods on it stay known, since they may outlive its object. */
  removeNode(name: string): void {
    const info = this.#existing.get(name)
    if (info === undefined) return
    this.#existing.delete(name)
    this.#order = undefined
    this.#countImages(info, -1)
    info.setNode(undefined)
    this.#changed(info)
  }

  /** A pod that the API server says is on a node: it confirms or corrects an assumed placement. */
  setPod(pod: Pod): void {
    this.#place(podInfoOf(pod), pod.spec.nodeName ?? '', false)
  }

  removePod(uid: string): void {
    const placed = this.#placed.get(uid)
    if (placed === undefined) return
    this.#placed.delete(uid)
    const info = this.#nodes.get(placed.nodeName)
    if (info === undefined) return
    info.removePod(uid)
    this.#changed(info)
  }

  /** Counts a pod on the node that was chosen for it, before it is bound. */
  assume(info: PodInfo, nodeName: string): void {
    this.#place(info, nodeName, true)
  }

  /** Takes an assumed placement back; false where there is none, or it has been confirmed. */
  forget(uid: string): boolean {
    if (this.#placed.get(uid)?.isAssumed !== true) return false
    this.removePod(uid)
    return true
  }

  /** Where a pod is, or is assumed to be. */
  nodeOf(uid: string): string | undefined {
    return this.#placed.get(uid)?.nodeName
  }

  #place(info: PodInfo, nodeName: string, isAssumed: boolean): void {
    const old = this.#placed.get(info.uid)
    if (old !== undefined && old.nodeName !== nodeName) this.removePod(info.uid)
    this.#placed.set(info.uid, { info, nodeName, isAssumed })
    const node = this.#nodeInfo(nodeName)
    node.addPod(info)
    this.#changed(node)
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name)
    if (info === undefined) {
      info = new NodeInfo(name)
      this.#nodes.set(name, info)
    }
    return info
  }

  #changed(info: NodeInfo): void {
    keep(this.#withAffinity, info, info.podsWithAffinity.size > 0)
    keep(this.#withRequiredAntiAffinity, info, info.podsWithRequiredAntiAffinity.size > 0)
    if (info.node === undefined && info.podCount === 0) this.#nodes.delete(info.name)
  }

  #countImages({ images }: NodeInfo, sign: 1 | -1): void {
    for (const name of images.keys()) {
      const count = this.imageCount(name) + sign
      if (count === 0) this.#imageCounts.delete(name)
      else this.#imageCounts.set(name, count)
    }
  }
}

function keep(set: Set<NodeInfo>, info: NodeInfo, isWanted: boolean): void {
  if (isWanted) set.add(info)
  else set.delete(info)
}
