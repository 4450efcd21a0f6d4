import { Heap } from '../../base/heap.ts'
import { comesFirst, type QueuedPod } from './queued-pod.ts'

interface Entry {
  readonly queued: QueuedPod
  readonly until: number
}

/** Pods in the order in which their back-off ends; one that left meanwhile is dropped on sight. */
export class BackoffQueue {
  readonly #heap = new Heap<Entry>(
    (a, b) => a.until < b.until || (a.until === b.until && comesFirst(a.queued, b.queued)),
  )

  /** When the first back-off ends. */
  get due(): number | undefined {
    return this.#peek()?.until
  }

  push(queued: QueuedPod): void {
    this.#heap.push({ queued, until: queued.backoffUntil })
  }

  pop(): QueuedPod | undefined {
    const entry = this.#peek()
    if (entry !== undefined) this.#heap.pop()
    return entry?.queued
  }

  #peek(): Entry | undefined {
    for (;;) {
      const entry = this.#heap.peek()
      if (entry === undefined) return undefined
      const { queued, until } = entry
      if (queued.state === 'backoff' && queued.backoffUntil === until) return entry
      this.#heap.pop()
    }
  }
}
