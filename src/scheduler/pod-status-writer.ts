import { type Clock, formatTime, pause } from '../base/clock.ts'
import { inBackground } from '../base/lifetime.ts'
import type { Logger } from '../base/logger.ts'
import type { Client } from '../client/client.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { findCondition } from '../machinery/conditions.ts'
import { isReason } from '../machinery/status-error.ts'

/** `SchedulerError` where something failed, rather than that no node fits. */
export type NotScheduledReason = 'Unschedulable' | 'SchedulerError'

/** What is to be written into a pod's status. */
export interface StatusChange {
  readonly condition?: { readonly reason: NotScheduledReason; readonly message: string }
  /** Empty to take a nomination back. */
  readonly nominatedNodeName?: string
}

interface Work {
  change: StatusChange | undefined
  readonly stop: AbortController
  running: Promise<void>
}

const RETRY_MS = 1_000
const MAX_TRIES = 5

/**
 * Writes into pods' statuses why they have no node. One write of a pod at a time and the last word
 * wins, so that an old condition never lands on a newer one, nor on a pod that has been bound.
 */
export class PodStatusWriter {
  readonly #client: Client
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #work = new Map<string, Work>()

  constructor(client: Client, clock: Clock, logger: Logger) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
  }

  write(pod: Pod, change: StatusChange): void {
    const { uid } = pod.metadata
    const known = this.#work.get(uid)
    if (known !== undefined) {
      known.change = { ...known.change, ...change }
      return
    }
    const work: Work = { change, stop: new AbortController(), running: Promise.resolve() }
    this.#work.set(uid, work)
    work.running = this.#run(pod, work).finally(() => this.#work.delete(uid))
    inBackground(this.#logger, 'writing the status of a pod', work.running)
  }

  /** Gives up what is to be written; resolves when no write is under way any more. */
  async cancel(uid: string): Promise<void> {
    const work = this.#work.get(uid)
    if (work === undefined) return
    work.stop.abort()
    await work.running.catch(() => {})
  }

  /** Gives up everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#work.keys()].map((uid) => this.cancel(uid)))
  }

  async #run(pod: Pod, work: Work): Promise<void> {
    let latest = pod
    for (let tries = 1; work.change !== undefined && !work.stop.signal.aborted; ) {
      const { change } = work
      work.change = undefined
      try {
        latest = (await this.#patch(latest, change)) ?? latest
        tries = 1
      } catch (error) {
        if (isReason(error, 'NotFound', 'Conflict')) return // Gone, or another of this name.
        if (tries++ >= MAX_TRIES) throw error
        work.change = { ...change, ...(work.change as StatusChange | undefined) }
        await pause(this.#clock, RETRY_MS, work.stop.signal)
      }
    }
  }

  /** Nothing is sent where the status says so already. */
  async #patch(pod: Pod, change: StatusChange): Promise<Pod | undefined> {
    const { name, namespace, uid } = pod.metadata
    const condition = change.condition && this.#conditionOf(pod, change.condition)
    const { nominatedNodeName } = change
    const isRenominated =
      nominatedNodeName !== undefined && nominatedNodeName !== (pod.status.nominatedNodeName ?? '')
    if (condition === undefined && !isRenominated) return undefined
    const status = {
      ...(condition !== undefined && { conditions: [condition] }),
      ...(isRenominated && {
        nominatedNodeName: nominatedNodeName === '' ? null : nominatedNodeName,
      }),
    }
    return this.#client.patch(
      Pod,
      { name, namespace },
      'application/strategic-merge-patch+json',
      { metadata: { uid }, status },
      { subresource: 'status' },
    )
  }

  #conditionOf(
    { metadata, status }: Pod,
    { reason, message }: { readonly reason: string; readonly message: string },
  ): object | undefined {
    const held = findCondition(status.conditions, 'PodScheduled')
    const isHeld = held?.status === 'False'
    if (isHeld && held.reason === reason && held.message === message) return undefined
    const { generation } = metadata
    return {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message,
      lastProbeTime: null,
      lastTransitionTime: isHeld ? held.lastTransitionTime : formatTime(this.#clock.now()),
      ...(generation !== undefined && { observedGeneration: generation }),
    }
  }
}
