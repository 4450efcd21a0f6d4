import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { NodeInfo } from '../framework/node-info.ts'
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts'

interface Placed {
  readonly info: PodInfo
  readonly nodeName: string
  /** Chosen here; the API server has not confirmed it yet. */
  readonly isAssumed: boolean
}

/**
 * What the scheduler believes of nodes and their pods: the informers' view, and ahead of it the
 * placements it has just chosen. A cycle is synchronous, so it needs no copy of this: nothing can
 * change while it looks.
 */
export class SchedulerCache {
  readonly #nodes = new Map<string, NodeInfo>()
  /** Nodes that exist, in the order in which they came: a cycle begins where the last one ended. */
  readonly #existing: NodeInfo[] = []
  readonly #placed = new Map<string, Placed>()

  get nodes(): readonly NodeInfo[] {
    return this.#existing
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name)
  }

  setNode(node: Node): void {
    const info = this.#nodeInfo(node.metadata.name)
    if (info.node === undefined) this.#existing.push(info)
    info.setNode(node)
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name)
    if (info?.node === undefined) return
    this.#existing.splice(this.#existing.indexOf(info), 1)
    info.setNode(undefined)
    this.#drop(info)
  }

  /** A pod that the API server says is on a node: it confirms or corrects an assumed placement. */
  setPod(pod: Pod): void {
    this.#place(podInfoOf(pod), pod.spec.nodeName ?? '', false)
  }

  removePod(key: string): void {
    const placed = this.#placed.get(key)
    if (placed === undefined) return
    this.#placed.delete(key)
    const info = this.#nodes.get(placed.nodeName)
    info?.removePod(key)
    if (info !== undefined) this.#drop(info)
  }

  /** Counts a pod on the node that was chosen for it, before it is bound. */
  assume(info: PodInfo, nodeName: string): void {
    this.#place(info, nodeName, true)
  }

  /** Takes an assumed placement back, unless the API server has confirmed it meanwhile. */
  forget(key: string): void {
    if (this.#placed.get(key)?.isAssumed === true) this.removePod(key)
  }

  isPlaced(key: string): boolean {
    return this.#placed.has(key)
  }

  #place(info: PodInfo, nodeName: string, isAssumed: boolean): void {
    const old = this.#placed.get(info.key)
    if (old !== undefined && old.nodeName !== nodeName) this.removePod(info.key)
    this.#placed.set(info.key, { info, nodeName, isAssumed })
    this.#nodeInfo(nodeName).addPod(info)
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name)
    if (info === undefined) {
      info = new NodeInfo(name)
      this.#nodes.set(name, info)
    }
    return info
  }

  #drop(info: NodeInfo): void {
    if (info.node === undefined && info.podCount === 0) this.#nodes.delete(info.name)
  }
}
