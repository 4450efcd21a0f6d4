import type { CycleState } from './cycle-state.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { NodeInfo } from './node-info.ts'
import {
  type FilterRunner,
  type Nominations,
  type Plugin,
  type PluginRejection,
  type PreFilterResult,
  type Rejection,
  unresolvable,
} from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

/** A plugin of a profile. */
export interface WeightedPlugin {
  readonly plugin: Plugin
  /** Of its scores in a node's sum. */
  readonly weight: number
}

/** The nodes that PreFilter plugins leave; the plugins that left some out. */
export interface Restriction {
  readonly nodeNames: ReadonlySet<string>
  readonly plugins: readonly string[]
}

/** Runs the plugins of a profile at each extension point, in their order. */
export class Framework implements FilterRunner {
  readonly #nominations: Nominations
  #plugins: readonly WeightedPlugin[] = []

  constructor(nominations: Nominations) {
    this.#nominations = nominations
  }

  /** Plugins are made with the framework, so they come after it. */
  set plugins(plugins: readonly WeightedPlugin[]) {
    this.#plugins = plugins
  }

  get plugins(): readonly WeightedPlugin[] {
    return this.#plugins
  }

  /** Fills the state; the nodes to look at where plugins know them, or the pod's rejection. */
  preFilter(
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
  ): { readonly restriction?: Restriction; readonly rejection?: PluginRejection } {
    const filters: Plugin[] = []
    const plugins: string[] = []
    let nodeNames: ReadonlySet<string> | undefined
    let rejection: PluginRejection | undefined
    for (const { plugin } of this.#plugins) {
      const result = runPreFilter(plugin, state, pod, nodes)
      if (result?.code === 'Skip') continue
      if (plugin.filter !== undefined) filters.push(plugin)
      if (result === undefined) continue
      if (result.code !== 'Continue') {
        const failed = { ...result, plugin: plugin.name }
        if (failed.code === 'UnschedulableAndUnresolvable') return { rejection: failed }
        // Preemption may help, and for that it needs the state of all plugins.
        rejection = failed
        continue
      }
      if (result.nodeNames === undefined) continue
      plugins.push(plugin.name)
      nodeNames = intersect(nodeNames, result.nodeNames)
      if (nodeNames.size === 0) return { rejection: noNodeLeft(plugins) }
    }
    state.filters = filters
    if (rejection !== undefined) return { rejection }
    return nodeNames === undefined ? {} : { restriction: { nodeNames, plugins } }
  }

  /**
   * With the pods on the node that room is being made for and that are as urgent; then without
   * them, since a pod must not count on a neighbour that may end elsewhere.
   */
  filter(state: CycleState, pod: PodInfo, node: NodeInfo): PluginRejection | undefined {
    const nominated = this.#nominations.of(node.name)
    if (nominated.length > 0) {
      const others = nominated.filter(
        ({ uid, priority }) => uid !== pod.uid && priority >= pod.priority,
      )
      if (others.length > 0) {
        const trial = { state: state.clone(), node: node.clone() }
        for (const other of others) this.addPod(trial.state, pod, other, trial.node)
        const rejection = runFilters(trial.state, pod, trial.node)
        if (rejection !== undefined) return rejection
      }
    }
    return runFilters(state, pod, node)
  }

  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    node.addPod(added)
    for (const plugin of state.filters) plugin.addPod?.(state, pod, added, node)
  }

  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    node.removePod(removed.uid)
    for (const plugin of state.filters) plugin.removePod?.(state, pod, removed, node)
  }

  /** The first plugin that can help decides; else the reasons of all. */
  postFilter(
    state: CycleState,
    pod: PodInfo,
    diagnosis: Diagnosis,
  ): { readonly message: string; readonly nominatedNodeName?: string } {
    const reasons: string[] = []
    let isWithdrawn = false
    for (const { plugin } of this.#plugins) {
      const result = plugin.postFilter?.(state, pod, diagnosis)
      if (result?.code === 'Nominated') return { message: '', nominatedNodeName: result.nodeName }
      if (result === undefined) continue
      reasons.push(result.reason)
      if (result.withdrawsNomination) isWithdrawn = true
    }
    return { message: reasons.join(', '), ...(isWithdrawn && { nominatedNodeName: '' }) }
  }

  /** The weighted sum for each node. */
  score(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): readonly number[] {
    const totals = new Array<number>(nodes.length).fill(0)
    for (const { plugin, weight } of this.#plugins) {
      if (plugin.score === undefined) continue
      if (plugin.preScore?.(state, pod, nodes)?.code === 'Skip') continue
      const scores: number[] = []
      for (const node of nodes) scores.push(plugin.score(state, pod, node))
      plugin.normalize?.(state, pod, scores, nodes)
      for (let index = 0; index < totals.length; index++) {
        totals[index] = (totals[index] as number) + weight * (scores[index] as number)
      }
    }
    return totals
  }

  /** Undone in full where one plugin refuses. */
  reserve(state: CycleState, pod: PodInfo, nodeName: string): PluginRejection | undefined {
    for (const { plugin } of this.#plugins) {
      const rejection = plugin.reserve?.(state, pod, nodeName)
      if (rejection === undefined) continue
      this.unreserve(state, pod, nodeName)
      return { ...rejection, plugin: plugin.name }
    }
    return undefined
  }

  unreserve(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const { plugin } of this.#plugins.toReversed()) plugin.unreserve?.(state, pod, nodeName)
  }

  async preBind(
    state: CycleState,
    pod: PodInfo,
    nodeName: string,
    signal: AbortSignal,
  ): Promise<void> {
    for (const { plugin } of this.#plugins) {
      try {
        await plugin.preBind?.(state, pod, nodeName, signal)
      } catch (cause) {
        throw new Error(`running PreBind plugin "${plugin.name}"`, { cause })
      }
    }
  }
}

function runPreFilter(
  plugin: Plugin,
  state: CycleState,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
): PreFilterResult | undefined {
  try {
    return plugin.preFilter?.(state, pod, nodes)
  } catch (cause) {
    throw new Error(`running PreFilter plugin "${plugin.name}"`, { cause })
  }
}

function runFilters(state: CycleState, pod: PodInfo, node: NodeInfo): PluginRejection | undefined {
  let running = ''
  try {
    for (const plugin of state.filters) {
      running = plugin.name
      const rejection = plugin.filter?.(state, pod, node)
      if (rejection !== undefined) return named(rejection, running)
    }
  } catch (cause) {
    throw new Error(`running "${running}" filter plugin`, { cause })
  }
  return undefined
}

const names = new WeakMap<Rejection, PluginRejection>()

/** The same object for the same one, since most plugins always say the same. */
function named(rejection: Rejection, plugin: string): PluginRejection {
  let result = names.get(rejection)
  if (result === undefined) {
    result = { ...rejection, plugin }
    names.set(rejection, result)
  }
  return result
}

function noNodeLeft(plugins: readonly string[]): PluginRejection {
  const [first = ''] = plugins
  const reason =
    plugins.length === 1
      ? `node(s) didn't satisfy plugin ${first}`
      : `node(s) didn't satisfy plugin(s) [${plugins.toSorted().join(' ')}] simultaneously`
  return { ...unresolvable(reason), plugin: first }
}

function intersect(
  names: ReadonlySet<string> | undefined,
  more: ReadonlySet<string>,
): ReadonlySet<string> {
  return names === undefined ? more : new Set([...names].filter((name) => more.has(name)))
}
