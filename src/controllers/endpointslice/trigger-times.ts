import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import { podCondition } from '../runtime/pods.ts'

export const LAST_CHANGE_TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'

interface Seen {
  readonly service: string
  readonly pods: ReadonlyMap<string, string>
}

/**
 * When that happened which made a service's endpoints change: the earliest of the transitions that
 * were not seen before. From it monitoring tells how long a change takes to reach the nodes.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>()

  /** A time in the API's form; undefined when nothing new was seen. */
  next(key: string, { metadata }: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#seen.get(key)
    const now = new Map<string, string>()
    const news: string[] = []
    for (const pod of pods) {
      const time = podCondition(pod, 'Ready')?.lastTransitionTime
      if (time === undefined || time === null) continue
      now.set(pod.metadata.name, time)
      if (time > (before?.pods.get(pod.metadata.name) ?? '')) news.push(time)
    }
    this.#seen.set(key, { service: metadata.creationTimestamp, pods: now })
    if (before === undefined) return metadata.creationTimestamp
    if (metadata.creationTimestamp > before.service) news.push(metadata.creationTimestamp)
    return news.toSorted()[0]
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}
