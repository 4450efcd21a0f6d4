import { type Clock, formatTime } from '../base/clock.ts'
import type { Client } from '../client/client.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { findCondition } from '../machinery/conditions.ts'
import { isReason } from '../machinery/status-error.ts'

/** `SchedulerError` where something failed, rather than that no node fits. */
export type NotScheduledReason = 'Unschedulable' | 'SchedulerError' | 'SchedulingGated'

/** Writes into a pod's status why it has no node. */
export class PodConditions {
  readonly #client: Client
  readonly #clock: Clock

  constructor(client: Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** Silent where the condition says so already or the pod has gone. */
  async notScheduled(pod: Pod, reason: NotScheduledReason, message: string): Promise<void> {
    const held = findCondition(pod.status.conditions ?? [], 'PodScheduled')
    if (held?.status === 'False' && held.reason === reason && held.message === message) return
    const { name, namespace, uid, generation } = pod.metadata
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message,
      lastProbeTime: null,
      lastTransitionTime:
        held?.status === 'False' ? held.lastTransitionTime : formatTime(this.#clock.now()),
      ...(generation !== undefined && { observedGeneration: generation }),
    }
    try {
      await this.#client.patch(
        Pod,
        { name, namespace },
        'application/strategic-merge-patch+json',
        { metadata: { uid }, status: { conditions: [condition] } },
        { subresource: 'status' },
      )
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
  }
}
