import type { ClusterEvent, Topic } from '../framework/cluster-event.ts'
import type { Plugin } from '../framework/plugin.ts'
import type { QueuedPod } from './queued-pod.ts'

/**
 * The pods that no node took, filed under the plugins that rejected them: an event asks only the
 * pods whose plugins wait for it, however many others wait.
 */
export class UnschedulablePods {
  readonly #plugins = new Map<string, Plugin>()
  /** In the order in which they came. */
  readonly #pods = new Set<QueuedPod>()
  readonly #byPlugin = new Map<string, Set<QueuedPod>>()
  readonly #byTopic = new Map<Topic, Set<string>>()
  /** Plugins that want to hear of everything. */
  readonly #curious = new Set<string>()

  constructor(plugins: readonly Plugin[]) {
    for (const plugin of plugins) {
      this.#plugins.set(plugin.name, plugin)
      if (plugin.helpedBy === undefined) this.#curious.add(plugin.name)
      for (const topic of plugin.helpedBy ?? []) {
        const names = this.#byTopic.get(topic) ?? new Set()
        this.#byTopic.set(topic, names.add(plugin.name))
      }
    }
  }

  /** The one that has waited longest. */
  get oldest(): QueuedPod | undefined {
    for (const queued of this.#pods) return queued
    return undefined
  }

  add(queued: QueuedPod): void {
    this.#pods.add(queued)
    for (const name of queued.rejectedBy) {
      const others = this.#byPlugin.get(name) ?? new Set()
      this.#byPlugin.set(name, others.add(queued))
    }
  }

  delete(queued: QueuedPod): void {
    if (!this.#pods.delete(queued)) return
    for (const name of queued.rejectedBy) {
      const others = this.#byPlugin.get(name)
      others?.delete(queued)
      if (others?.size === 0) this.#byPlugin.delete(name)
    }
  }

  /** The pods that an event could help. */
  helpedBy(event: ClusterEvent): Iterable<QueuedPod> {
    const helped = new Set<QueuedPod>()
    for (const name of this.#interestedIn(event)) {
      for (const queued of this.#byPlugin.get(name) ?? []) {
        if (!helped.has(queued) && this.#saysYes(name, event, queued)) helped.add(queued)
      }
    }
    return helped
  }

  isHelped(queued: QueuedPod, event: ClusterEvent): boolean {
    const names = this.#interestedIn(event)
    return [...queued.rejectedBy].some(
      (name) => names.has(name) && this.#saysYes(name, event, queued),
    )
  }

  #interestedIn({ topics }: ClusterEvent): ReadonlySet<string> {
    const names = new Set(topics.length === 0 ? [] : this.#curious)
    for (const topic of topics) for (const name of this.#byTopic.get(topic) ?? []) names.add(name)
    return names
  }

  #saysYes(name: string, event: ClusterEvent, { pod }: QueuedPod): boolean {
    try {
      return this.#plugins.get(name)?.isHelpful?.(event, pod) ?? true
    } catch {
      return true // A try too many is better than a pod that waits for ever.
    }
  }
}
