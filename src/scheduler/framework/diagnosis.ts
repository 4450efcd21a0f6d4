import type { PluginRejection, Rejection } from './plugin.ts'

/** Why a pod fits nowhere, node by node (upstream's Diagnosis). */
export class Diagnosis {
  readonly #nodeCount: number
  readonly #byNode = new Map<string, Rejection>()
  readonly #plugins = new Set<string>()
  /** What is said of the nodes that were not looked at one by one. */
  #absent: Rejection = { code: 'UnschedulableAndUnresolvable', reasons: [] }
  #hasFailedEarly = false

  constructor(nodeCount: number) {
    this.#nodeCount = nodeCount
  }

  /** The plugins that rejected the pod: only what helps one of these is worth another try. */
  get rejectedBy(): ReadonlySet<string> {
    return this.#plugins
  }

  of(nodeName: string): Rejection {
    return this.#byNode.get(nodeName) ?? this.#absent
  }

  reject(nodeName: string, rejection: PluginRejection): void {
    this.#byNode.set(nodeName, rejection)
    this.#plugins.add(rejection.plugin)
  }

  /** One node, by a trial that is nobody's rejection. */
  set(nodeName: string, rejection: Rejection): void {
    this.#byNode.set(nodeName, rejection)
  }

  /** All nodes that are not named: a PreFilter left them out. */
  rejectOthers(rejection: Rejection, plugins: Iterable<string>): void {
    this.#absent = rejection
    for (const plugin of plugins) this.#plugins.add(plugin)
  }

  /** All nodes, before any was looked at. */
  rejectAll(rejection: PluginRejection): void {
    this.rejectOthers(rejection, [rejection.plugin])
    this.#hasFailedEarly = true
  }

  /** Upstream's FitError: `0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.` */
  message(): string {
    const start = `0/${this.#nodeCount} nodes are available:`
    if (this.#hasFailedEarly) return `${start} ${this.#absent.reasons.join(', ')}.`
    const counts = new Map<string, number>()
    const count = (reasons: readonly string[], by: number) => {
      for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + by)
    }
    const times = new Map<Rejection, number>()
    for (const rejection of this.#byNode.values()) {
      times.set(rejection, (times.get(rejection) ?? 0) + 1)
    }
    for (const [{ reasons }, nodes] of times) count(reasons, nodes)
    const others = this.#nodeCount - this.#byNode.size
    if (others > 0) count(this.#absent.reasons, others)
    if (counts.size === 0) return start
    const texts = [...counts].map(([reason, many]) => `${many} ${reason}`).sort()
    return `${start} ${texts.join(', ')}.`
  }
}
