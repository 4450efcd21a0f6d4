import type { InformerEvent } from '../client/lister.ts'
import type { Node } from '../kinds/core/v1/node.ts'
import type { Pod } from '../kinds/core/v1/pod.ts'
import type { SchedulerCache } from './cache/scheduler-cache.ts'
import { assignedPodEvent, nodeEvent } from './framework/cluster-event.ts'
import { priorityOf } from './framework/pod-info.ts'
import type { Nominator } from './queue/nominator.ts'
import type { SchedulingQueue } from './queue/scheduling-queue.ts'

interface Parts {
  readonly schedulerName: string
  readonly cache: SchedulerCache
  readonly queue: SchedulingQueue
  readonly nominator: Nominator
}

/** Brings what the informers tell into the cache and the queue. */
export class ClusterEvents {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  nodeChanged({ type, object, old }: InformerEvent<Node>): void {
    const { cache, queue } = this.#parts
    if (type === 'DELETED') {
      cache.removeNode(object.metadata.name)
      queue.moveOn(nodeEvent('Deleted', object))
      return
    }
    cache.setNode(object)
    queue.moveOn(nodeEvent(type === 'ADDED' ? 'Added' : 'Updated', object, old))
  }

  podChanged({ type, object, old }: InformerEvent<Pod>): void {
    // A pod that has ended takes nothing any more, though its object may stay for long.
    if (type === 'DELETED' || isTerminal(object)) this.#podGone(object)
    else if (isAssigned(object)) this.#podAssigned(object, old)
    else if (object.spec.schedulerName === this.#parts.schedulerName) this.#podWaits(object, old)
  }

  #podGone(pod: Pod): void {
    const { cache, queue, nominator } = this.#parts
    const { uid } = pod.metadata
    const nodeName = cache.nodeOf(uid)
    const nominatedTo = nominator.nodeOf(uid)
    queue.remove(uid)
    nominator.withdraw(uid)
    cache.removePod(uid)
    if (nodeName !== undefined) {
      queue.moveOn(assignedPodEvent('Deleted', pod, cache.at(nodeName)))
    } else if (nominatedTo !== undefined) this.#nominationEnded(pod, nominatedTo)
  }

  #podAssigned(pod: Pod, old: Pod | undefined): void {
    const { cache, queue, nominator } = this.#parts
    const { uid } = pod.metadata
    const wasAssigned = old !== undefined && isAssigned(old) && cache.nodeOf(uid) !== undefined
    queue.remove(uid)
    nominator.withdraw(uid)
    cache.setPod(pod)
    const place = cache.at(pod.spec.nodeName ?? '')
    queue.moveOn(assignedPodEvent(wasAssigned ? 'Updated' : 'Added', pod, place, old))
  }

  #podWaits(pod: Pod, old: Pod | undefined): void {
    const { cache, queue, nominator } = this.#parts
    const { uid, deletionTimestamp } = pod.metadata
    const assumedOn = cache.nodeOf(uid)
    // News from before its binding must not bring a bound pod back into the queue.
    if (assumedOn === undefined || queue.has(uid)) queue.add(pod)
    if (assumedOn !== undefined) {
      // Its deletion began before it was bound, so it never will be: its room is free.
      if (deletionTimestamp === undefined || !cache.forget(uid)) return
      queue.moveOn(assignedPodEvent('Deleted', pod, cache.at(assumedOn)))
      return
    }
    const nominatedTo = nominator.nodeOf(uid)
    nominator.update(pod, old)
    if (nominatedTo !== undefined && nominator.nodeOf(uid) !== nominatedTo) {
      this.#nominationEnded(pod, nominatedTo)
    }
  }

  /** Pods that are no more urgent had to yield to it. */
  #nominationEnded(pod: Pod, nodeName: string): void {
    const { cache, queue } = this.#parts
    const event = assignedPodEvent('Deleted', pod, cache.at(nodeName))
    queue.moveOn(event, (waiting) => priorityOf(waiting) <= priorityOf(pod))
  }
}

function isTerminal({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

function isAssigned({ spec }: Pod): boolean {
  return (spec.nodeName ?? '') !== ''
}
