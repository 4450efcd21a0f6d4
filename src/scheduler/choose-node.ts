import { type Random, randomInt } from '../base/random.ts'
import type { NodeInfo } from './framework/node-info.ts'
import { CycleState, type Rejection } from './framework/plugin.ts'
import type { PodInfo } from './framework/pod-info.ts'
import type { WeightedPlugin } from './plugins/index.ts'

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
}

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
  readonly #plugins: readonly WeightedPlugin[]
  readonly #random: Random
  #start = 0

  constructor(plugins: readonly WeightedPlugin[], random: Random) {
    this.#plugins = plugins
    this.#random = random
  }

  choose(pod: PodInfo, nodes: readonly NodeInfo[]): Choice {
    const state = new CycleState()
    if (nodes.length === 0) return unfit('no nodes available to schedule pods', [])
    const prefiltered = this.#preFilter(state, pod, nodes)
    if (prefiltered.code === 'Unfit') return prefiltered
    const { active, allowed } = prefiltered
    const fitting: NodeInfo[] = []
    const rejections = new Histogram()
    const enough = enoughNodes(allowed.length)
    let seen = 0
    while (seen < allowed.length && fitting.length < enough) {
      const node = allowed[(this.#start + seen) % allowed.length] as NodeInfo
      seen++
      const rejection = filterNode(active, state, pod, node)
      if (rejection === undefined) fitting.push(node)
      else rejections.add(rejection.plugin, rejection.reasons)
    }
    this.#start = (this.#start + seen) % nodes.length
    if (fitting.length === 0) {
      rejections.addAbsent(nodes.length - allowed.length, prefiltered.absentReason)
      return unfit(rejections.message(nodes.length), rejections.plugins())
    }
    const best = fitting.length === 1 ? fitting[0] : this.#best(state, pod, fitting)
    return { code: 'Chosen', nodeName: (best as NodeInfo).name, state }
  }

  #preFilter(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]) {
    const active: WeightedPlugin[] = []
    const restrictedBy: string[] = []
    let names: ReadonlySet<string> | undefined
    for (const weighted of this.#plugins) {
      const { plugin } = weighted
      const result = plugin.preFilter?.(state, pod, nodes) ?? { code: 'Continue' as const }
      if (result.code === 'Skip') continue
      if (result.code !== 'Continue') {
        const text = `0/${nodes.length} nodes are available: ${result.reasons.join(', ')}.`
        return unfit(text, [plugin.name])
      }
      if (plugin.filter !== undefined) active.push(weighted)
      if ('nodeNames' in result && result.nodeNames !== undefined) {
        const { nodeNames } = result
        restrictedBy.push(plugin.name)
        names =
          names === undefined
            ? nodeNames
            : new Set([...names].filter((name) => nodeNames.has(name)))
      }
    }
    const wanted = names
    const allowed = wanted === undefined ? nodes : nodes.filter(({ name }) => wanted.has(name))
    const absentReason = `node(s) didn't satisfy plugin(s) [${restrictedBy.join(' ')}]`
    return { code: 'Continue' as const, active, allowed, absentReason }
  }

  #best(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): NodeInfo {
    const totals = new Array<number>(nodes.length).fill(0)
    for (const { plugin, weight } of this.#plugins) {
      if (plugin.score === undefined) continue
      if (plugin.preScore?.(state, pod, nodes)?.code === 'Skip') continue
      const scores = nodes.map((node) => plugin.score?.(state, pod, node) ?? 0)
      plugin.normalize?.(state, pod, scores)
      for (const [index, score] of scores.entries()) {
        totals[index] = (totals[index] ?? 0) + weight * score
      }
    }
    const top = Math.max(...totals)
    const equals = nodes.filter((_, index) => totals[index] === top)
    return equals[randomInt(this.#random, equals.length)] as NodeInfo
  }
}

function filterNode(
  plugins: readonly WeightedPlugin[],
  state: CycleState,
  pod: PodInfo,
  node: NodeInfo,
): (Rejection & { readonly plugin: string }) | undefined {
  for (const { plugin } of plugins) {
    const rejection = plugin.filter?.(state, pod, node)
    if (rejection !== undefined) return { ...rejection, plugin: plugin.name }
  }
  return undefined
}

function unfit(message: string, plugins: Iterable<string>): Unfit {
  return { code: 'Unfit', message, rejectedBy: new Set(plugins) }
}

/** How many nodes were rejected for which reason. */
class Histogram {
  readonly #counts = new Map<string, number>()
  readonly #plugins = new Set<string>()

  add(plugin: string, reasons: readonly string[]): void {
    this.#plugins.add(plugin)
    for (const reason of reasons) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  /** Nodes that a PreFilter left out before any Filter could speak of them. */
  addAbsent(count: number, reason: string): void {
    if (count > 0) this.#counts.set(reason, count)
  }

  plugins(): Iterable<string> {
    return this.#plugins
  }

  /** Upstream's FitError: sorted as text, the number first. */
  message(nodes: number): string {
    const reasons = [...this.#counts].map(([reason, count]) => `${count} ${reason}`).toSorted()
    return `0/${nodes} nodes are available: ${reasons.join(', ')}.`
  }
}
