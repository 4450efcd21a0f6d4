import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Lister } from '../../client/lister.ts'
import { Job } from '../../kinds/batch/v1/job.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ownerReferenceTo } from '../../machinery/owner-references.ts'
import { isReason } from '../../machinery/status-error.ts'
import { isNamespaceTerminating, PodControl } from '../runtime/pod-control.ts'
import { slowStart } from '../runtime/slow-start.ts'
import { isTracked, TRACKING_FINALIZER } from './job-pod.ts'
import type { JobState } from './job-state.ts'
import { jobTemplate, podNamePrefixFor } from './job-template.ts'

/** What is done to the pods of Jobs. */
export class JobPods {
  readonly #client: Client
  readonly #podControl: PodControl
  readonly #cache: Lister<Pod>
  /** By Job: pods without a finalizer that the cache may still show with it. */
  readonly #released = new Map<string, ReadonlySet<string>>()

  constructor(client: Client, recorder: EventRecorder, cache: Lister<Pod>) {
    this.#client = client
    this.#podControl = new PodControl(client, recorder)
    this.#cache = cache
  }

  /** The pods of a Job of which the cache still shows the finalizer that has been removed. */
  releasedOf(key: string, pods: readonly Pod[]): ReadonlySet<string> {
    const known = this.#released.get(key)
    if (known === undefined) return new Set()
    const uids = pods.filter(isTracked).map(({ metadata }) => metadata.uid)
    const left = new Set(uids.filter((uid) => known.has(uid)))
    this.#released.set(key, left)
    return left
  }

  /** Pods that go for good lose their finalizer first; the others are still to be counted. */
  async remove(
    job: Job,
    pods: readonly Pod[],
    forGood = false,
  ): Promise<{ readonly deleted: readonly Pod[]; readonly error?: unknown }> {
    const results = await Promise.allSettled(
      pods.map(async (pod) => {
        if (forGood) await this.free(pod)
        try {
          await this.#podControl.delete(pod, job)
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
    const deleted = pods.filter((_, index) => results[index]?.status === 'fulfilled')
    const failed = results.find((result) => result.status === 'rejected')
    return { deleted, ...(failed !== undefined && { error: failed.reason }) }
  }

  async create(
    { job, awaiting }: JobState,
    indexes: readonly (number | undefined)[],
  ): Promise<{ readonly created: readonly Pod[]; readonly error: unknown }> {
    const created: Pod[] = []
    const reference = ownerReferenceTo(job, Job)
    let next = 0
    const error = await slowStart(indexes.length, async () => {
      const index = indexes[next]
      next += 1
      const replaced = index === undefined ? undefined : awaiting.get(index)
      const template = jobTemplate(job, index, replaced)
      const prefix = podNamePrefixFor(job, index)
      try {
        created.push(await this.#podControl.create(template, job, reference, prefix))
      } catch (cause) {
        if (!isNamespaceTerminating(cause)) throw cause
      }
    })
    return { created, error }
  }

  /** Frees pods that have been counted. */
  async release(
    key: string,
    pods: readonly Pod[],
  ): Promise<{ readonly released: ReadonlySet<string>; readonly error?: unknown }> {
    const results = await Promise.allSettled(pods.map((pod) => this.free(pod)))
    const done = pods.filter((_, index) => results[index]?.status === 'fulfilled')
    const released = new Set(done.map(({ metadata }) => metadata.uid))
    this.#released.set(key, new Set([...(this.#released.get(key) ?? []), ...released]))
    const failed = results.find((result) => result.status === 'rejected')
    return { released, ...(failed !== undefined && { error: failed.reason }) }
  }

  /** Removes the finalizer: nobody needs the pod any more. */
  async free(pod: Pod): Promise<void> {
    if (!isTracked(pod)) return
    const { namespace, name, uid } = pod.metadata
    const metadata = { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] }
    const type = 'application/strategic-merge-patch+json'
    try {
      await this.#client.patch(Pod, { namespace, name }, type, { metadata })
    } catch (error) {
      // Gone already, and another may have its name.
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
      if (isReason(error, 'Conflict') && this.#cache.get(keyOf(pod))?.metadata.uid === uid) {
        throw error
      }
    }
  }

  forget(key: string): void {
    this.#released.delete(key)
  }
}
