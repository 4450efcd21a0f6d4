import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Job } from '../../kinds/batch/v1/job.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { timeOf } from '../runtime/pods.ts'

/** Removes Jobs that ended a while ago, where they say how long they are to stay. */
export class TtlAfterFinishedController implements Controller {
  readonly name = 'ttl-after-finished-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #jobs: Informer<Job>

  constructor({ client, informers, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#jobs = informers.for(Job)
    this.watches = [
      watch(this.#jobs, ({ type, object }) =>
        type !== 'DELETED' && expiryOf(object) !== undefined ? [keyOf(object)] : [],
      ),
    ]
  }

  async reconcile(key: string): Promise<Result> {
    const job = this.#jobs.get(key)
    const expiry = job === undefined ? undefined : expiryOf(job)
    if (job === undefined || expiry === undefined) return undefined
    const leftMs = expiry - this.#clock.now()
    if (leftMs > 0) return { requeueAfterMs: leftMs }
    const { namespace, name, uid, resourceVersion } = job.metadata
    try {
      // Of this version only: a longer time may have been given to it just now.
      await this.#client.delete(
        Job,
        { namespace, name },
        { propagationPolicy: 'Foreground', preconditions: { uid, resourceVersion } },
      )
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    return undefined
  }
}

/** When a Job is to go, in wall-clock milliseconds; undefined where it has not ended or stays. */
function expiryOf({ metadata, spec, status }: Job): number | undefined {
  const { ttlSecondsAfterFinished } = spec
  if (ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp !== undefined) {
    return undefined
  }
  const end = status.conditions?.find(
    (one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True',
  )
  const ended = timeOf(end?.lastTransitionTime)
  return ended === undefined ? undefined : ended + ttlSecondsAfterFinished * 1000
}
