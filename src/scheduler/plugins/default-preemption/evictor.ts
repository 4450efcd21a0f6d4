import { formatTime } from '../../../base/clock.ts'
import { inBackground } from '../../../base/lifetime.ts'
import { formatError } from '../../../base/logger.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import { isReason } from '../../../machinery/status-error.ts'
import type { PluginContext } from '../../framework/plugin.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import type { Candidate } from './select-victims.ts'

const STRATEGIC = 'application/strategic-merge-patch+json'

/** Deletes the victims of a preemption in the background (upstream's asynchronous preemption). */
export class Evictor {
  readonly #context: PluginContext
  /** The pods for which victims are being deleted. */
  readonly #running = new Set<string>()

  constructor(context: PluginContext) {
    this.#context = context
  }

  /** Trying the pod again would only choose more victims. */
  isRunning(uid: string): boolean {
    return this.#running.has(uid)
  }

  evict(preemptor: PodInfo, { nodeName, victims }: Candidate): void {
    const alive = victims.filter(({ pod }) => pod.metadata.deletionTimestamp === undefined)
    if (alive.length === 0) return
    this.#running.add(preemptor.uid)
    const work = this.#evictAll(preemptor, nodeName, alive)
    inBackground(this.#context.logger, 'preempting pods', work)
  }

  async #evictAll(
    preemptor: PodInfo,
    nodeName: string,
    victims: readonly PodInfo[],
  ): Promise<void> {
    const { logger, activate, release } = this.#context
    await this.#clearNominations(preemptor, nodeName)
    const results = await Promise.allSettled(
      victims.map((victim) => this.#evictOne(preemptor, nodeName, victim)),
    )
    this.#running.delete(preemptor.uid)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed === undefined) return release(preemptor.uid)
    logger.error('preempting failed', { pod: preemptor.key, error: formatError(failed.reason) })
    activate(preemptor.uid)
  }

  /** Less urgent pods that were to go there had better look for another place at once. */
  async #clearNominations(preemptor: PodInfo, nodeName: string): Promise<void> {
    const { client, nominations, logger } = this.#context
    const lesser = nominations
      .of(nodeName)
      .filter(({ uid, priority }) => uid !== preemptor.uid && priority < preemptor.priority)
    const clear = async ({ uid, pod: { metadata } }: PodInfo) => {
      const { name, namespace } = metadata
      const patch = { metadata: { uid }, status: { nominatedNodeName: null } }
      await client.patch(Pod, { name, namespace }, STRATEGIC, patch, { subresource: 'status' })
    }
    for (const result of await Promise.allSettled(lesser.map(clear))) {
      if (result.status === 'fulfilled' || isReason(result.reason, 'NotFound', 'Conflict')) continue
      logger.error('withdrawing a nomination failed', { error: formatError(result.reason) })
    }
  }

  async #evictOne(preemptor: PodInfo, nodeName: string, victim: PodInfo): Promise<void> {
    const { client, recorder, clock, schedulerName } = this.#context
    const { name, namespace, uid, generation } = victim.pod.metadata
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(clock.now()),
      ...(generation !== undefined && { observedGeneration: generation }),
    }
    const key = { name, namespace }
    try {
      const patch = { metadata: { uid }, status: { conditions: [condition] } }
      await client.patch(Pod, key, STRATEGIC, patch, { subresource: 'status' })
      await client.delete(Pod, key, { preconditions: { uid } })
    } catch (error) {
      if (isReason(error, 'NotFound')) return // It has gone by itself.
      throw error
    }
    const message = `Preempted by pod ${preemptor.uid} on node ${nodeName}`
    recorder.event(victim.pod, 'Normal', 'Preempted', message)
  }
}
