import { type Random, randomInt } from '../base/random.ts'
import { CycleState } from './framework/cycle-state.ts'
import { Diagnosis } from './framework/diagnosis.ts'
import type { Framework, Restriction } from './framework/framework.ts'
import type { NodeInfo } from './framework/node-info.ts'
import { type ClusterView, type Plugin, unresolvable } from './framework/plugin.ts'
import type { PodInfo } from './framework/pod-info.ts'

/** The outcome of one cycle: a node, or why there is none. */
export type Choice =
  | { readonly code: 'Chosen'; readonly nodeName: string; readonly state: CycleState }
  | Unfit

export interface Unfit {
  readonly code: 'Unfit'
  /** As in the event FailedScheduling. */
  readonly message: string
  /** Only what helps one of these is worth another try. */
  readonly rejectedBy: ReadonlySet<string>
  /** A node where room is being made; empty where an earlier nomination is void. */
  readonly nominatedNodeName?: string
}

/** Stands for "there is no node": what it rejects is tried again when one comes. */
export const anyNode: Plugin = { name: 'AnyNode', helpedBy: ['Node/Added'] }

/** Clusters smaller than this are looked at whole. */
const LEAST_NODES_TO_FIND = 100
const LEAST_PERCENTAGE = 5

/** How many fitting nodes are enough, out of how many: 50 % at 125 nodes, 5 % from 5,625 on. */
export function enoughNodes(count: number): number {
  if (count < LEAST_NODES_TO_FIND) return count
  const percentage = Math.max(50 - Math.floor(count / 125), LEAST_PERCENTAGE)
  return Math.max(Math.floor((count * percentage) / 100), LEAST_NODES_TO_FIND)
}

/**
 * Filters and scores for one pod after another. It remembers where it stopped, so that all nodes
 * get their turn although a cycle looks at a part of them only.
 */
export class NodeChooser {
  readonly #framework: Framework
  readonly #random: Random
  #start = 0

  constructor(framework: Framework, random: Random) {
    this.#framework = framework
    this.#random = random
  }

  choose(pod: PodInfo, cluster: ClusterView): Choice {
    const { nodes } = cluster
    if (nodes.length === 0) {
      return {
        code: 'Unfit',
        message: 'no nodes available to schedule pods',
        rejectedBy: new Set([anyNode.name]),
        nominatedNodeName: '',
      }
    }
    const state = new CycleState()
    const diagnosis = new Diagnosis(nodes.length)
    const fitting = this.#findFitting(state, pod, cluster, diagnosis)
    if (fitting.length === 0) return this.#unfit(state, pod, diagnosis)
    const best = fitting.length === 1 ? fitting[0] : this.#best(state, pod, fitting)
    return { code: 'Chosen', nodeName: (best as NodeInfo).name, state }
  }

  #findFitting(
    state: CycleState,
    pod: PodInfo,
    cluster: ClusterView,
    diagnosis: Diagnosis,
  ): readonly NodeInfo[] {
    const { nodes } = cluster
    const { restriction, rejection } = this.#framework.preFilter(state, pod, nodes)
    if (rejection !== undefined) {
      diagnosis.rejectAll(rejection)
      return []
    }
    // Room was made for it there: it is most likely the only node.
    const nominated = cluster.node(pod.pod.status.nominatedNodeName ?? '')
    if (nominated !== undefined && this.#framework.filter(state, pod, nominated) === undefined) {
      return [nominated]
    }
    const allowed = allowedNodes(nodes, restriction, diagnosis)
    const enough = enoughNodes(allowed.length)
    const fitting: NodeInfo[] = []
    let seen = 0
    while (seen < allowed.length && fitting.length < enough) {
      const node = allowed[(this.#start + seen) % allowed.length] as NodeInfo
      seen++
      const rejected = this.#framework.filter(state, pod, node)
      if (rejected === undefined) fitting.push(node)
      else diagnosis.reject(node.name, rejected)
    }
    this.#start = (this.#start + seen) % nodes.length
    return fitting
  }

  #unfit(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): Unfit {
    const after = this.#framework.postFilter(state, pod, diagnosis)
    const message = diagnosis.message()
    return {
      code: 'Unfit',
      message: after.message === '' ? message : `${message} ${after.message}`,
      rejectedBy: diagnosis.rejectedBy,
      ...(after.nominatedNodeName !== undefined && { nominatedNodeName: after.nominatedNodeName }),
    }
  }

  /** Any one of those with the highest score. */
  #best(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): NodeInfo {
    const totals = this.#framework.score(state, pod, nodes)
    let top = -Infinity
    let equals: NodeInfo[] = []
    for (const [index, node] of nodes.entries()) {
      const total = totals[index] as number
      if (total > top) {
        top = total
        equals = []
      }
      if (total === top) equals.push(node)
    }
    return equals[randomInt(this.#random, equals.length)] as NodeInfo
  }
}

function allowedNodes(
  nodes: readonly NodeInfo[],
  restriction: Restriction | undefined,
  diagnosis: Diagnosis,
): readonly NodeInfo[] {
  if (restriction === undefined) return nodes
  const { nodeNames, plugins } = restriction
  const reason = `node(s) didn't satisfy plugin(s) [${plugins.toSorted().join(' ')}]`
  diagnosis.rejectOthers(unresolvable(reason), plugins)
  return nodes.filter(({ name }) => nodeNames.has(name))
}
