import { type Clock, formatTime } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { CronJob, type CronJobStatus } from '../../kinds/batch/v1/cron-job.ts'
import { CronSyntaxError, isTimeZone } from '../../kinds/batch/v1/cron-schedule.ts'
import { Job } from '../../kinds/batch/v1/job.ts'
import { isConditionTrue } from '../../machinery/conditions.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { controllerOf, ownerReferenceTo } from '../../machinery/owner-references.ts'
import { isReason } from '../../machinery/status-error.ts'
import { isJobFinished } from '../job/job-finish.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { WriteBarrier } from '../runtime/write-barrier.ts'
import { formatWithOffset, readTimetable, type Timetable } from './cron-times.ts'
import { type DueStart, dueStart, NeverDueError, untilNextStart } from './plan-start.ts'

const BY_CRON_JOB = 'cronJobUid'
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
const MINUTE_MS = 60_000

type ActiveJobs = NonNullable<CronJobStatus['active']>

/** Starts the Jobs of each CronJob when they are due, and keeps a few that have ended. */
export class CronJobController implements Controller {
  readonly name = 'cronjob-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #recorder: EventRecorder
  readonly #cronJobs: Informer<CronJob>
  readonly #jobs: Informer<Job>
  readonly #barrier: WriteBarrier
  readonly #jobBarrier: WriteBarrier
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#recorder = recorder
    this.#cronJobs = informers.for(CronJob)
    this.#jobs = informers.for(Job)
    this.#jobs.addIndex(BY_CRON_JOB, (job) => {
      const owner = controllerOf(job)
      return owner?.kind === 'CronJob' ? [owner.uid] : []
    })
    this.#barrier = new WriteBarrier(this.#cronJobs)
    this.#jobBarrier = new WriteBarrier(this.#jobs)
    this.watches = [
      watch(this.#cronJobs, self),
      watch(this.#jobs, ({ object, old }) =>
        [object, old].flatMap((job) => {
          const owner = job === undefined ? undefined : controllerOf(job)
          if (owner?.kind !== 'CronJob') return []
          return [`${object.metadata.namespace}/${owner.name}`]
        }),
      ),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    const cronJob = this.#cronJobs.get(key)
    if (cronJob === undefined) {
      this.#barrier.forget(key)
      this.#jobBarrier.forget(key)
      return undefined
    }
    const again = () => this.#enqueue(key)
    if (!this.#barrier.isPassed(key, again)) return undefined
    if (!this.#jobBarrier.isPassed(key, again)) return undefined
    const jobs = this.#jobs.byIndex(BY_CRON_JOB, cronJob.metadata.uid)
    await this.#cleanUp(cronJob, jobs)
    const observed = this.#observe(cronJob, jobs)
    const run = new Run(observed)
    try {
      return await this.#schedule(key, cronJob, run)
    } finally {
      const status = run.status()
      if (!deepEqual(cronJob.status, status)) {
        this.#barrier.wrote(key, await this.#client.updateStatus(CronJob, { ...cronJob, status }))
      }
    }
  }

  /** What the Jobs say: which have ended or gone, and when one last succeeded. */
  #observe(cronJob: CronJob, jobs: readonly Job[]): CronJobStatus {
    let { active = [], lastSuccessfulTime } = cronJob.status
    for (const job of jobs) {
      const { name, uid } = job.metadata
      const isListed = active.some((one) => one.uid === uid)
      if (!isJobFinished(job)) {
        if (isListed) continue
        const message = `Saw a job that the controller did not create or forgot: ${name}`
        this.#recorder.event(cronJob, 'Warning', 'UnexpectedJob', message)
        continue
      }
      const isComplete = isConditionTrue(job.status.conditions, 'Complete')
      if (isListed) {
        active = active.filter((one) => one.uid !== uid)
        const condition = isComplete ? 'Complete' : 'Failed'
        const message = `Saw completed job: ${name}, condition: ${condition}`
        this.#recorder.event(cronJob, 'Normal', 'SawCompletedJob', message)
      }
      const { completionTime } = job.status
      if (!isComplete || completionTime === undefined) continue
      if (completionTime > (lastSuccessfulTime ?? '')) lastSuccessfulTime = completionTime
    }
    const uids = new Set<string | undefined>(jobs.map(({ metadata }) => metadata.uid))
    for (const { name, uid } of active) {
      if (uids.has(uid)) continue
      active = active.filter((one) => one.uid !== uid)
      const message = `Active job went missing: ${name}`
      this.#recorder.event(cronJob, 'Normal', 'MissingJob', message)
    }
    const time = lastSuccessfulTime !== undefined && { lastSuccessfulTime }
    return { ...cronJob.status, active, ...time }
  }

  async #schedule(key: string, cronJob: CronJob, run: Run): Promise<Result> {
    const { metadata, spec } = cronJob
    if (metadata.deletionTimestamp !== undefined || spec.suspend) return undefined
    const timetable = this.#timetableOf(cronJob)
    if (timetable === undefined) return undefined
    const now = this.#clock.now()
    let due: DueStart | undefined
    try {
      due = dueStart(cronJob, timetable, now)
    } catch (error) {
      if (!(error instanceof NeverDueError)) throw error
      const message = `invalid schedule: ${spec.schedule} : ${error.message}`
      this.#recorder.event(cronJob, 'Warning', 'InvalidSchedule', message)
      return undefined
    }
    if (due !== undefined && this.#mayStart(cronJob, due, run.active, now)) {
      if (spec.concurrencyPolicy === 'Replace') await this.#replace(cronJob, run)
      await this.#start(key, cronJob, timetable, due.time, run)
    }
    const waitMs = untilNextStart({ ...cronJob, status: run.status() }, timetable, now)
    return waitMs === undefined ? undefined : { requeueAfterMs: Math.max(waitMs, 0) }
  }

  #timetableOf(cronJob: CronJob): Timetable | undefined {
    const { schedule, timeZone } = cronJob.spec
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      const message = `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`
      this.#recorder.event(cronJob, 'Warning', 'UnknownTimeZone', message)
      return undefined
    }
    if (schedule.includes('TZ')) {
      const what = `CRON_TZ or TZ used in schedule "${schedule}" is not officially supported`
      const where = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'
      const message = `${what}, see ${where} for more details`
      this.#recorder.event(cronJob, 'Warning', 'UnsupportedSchedule', message)
    }
    try {
      return readTimetable(schedule, timeZone)
    } catch (error) {
      if (!(error instanceof CronSyntaxError)) throw error
      const message = `unparseable schedule: "${schedule}" : ${error.message}`
      this.#recorder.event(cronJob, 'Warning', 'UnparseableSchedule', message)
      return undefined
    }
  }

  #mayStart(
    cronJob: CronJob,
    { time, areTooManyMissed }: DueStart,
    active: ActiveJobs,
    now: number,
  ): boolean {
    const { spec, status } = cronJob
    if (areTooManyMissed) {
      const message =
        'too many missed start times. ' +
        'Set or decrease .spec.startingDeadlineSeconds or check clock skew'
      this.#recorder.event(cronJob, 'Warning', 'TooManyMissedTimes', message)
    }
    const { startingDeadlineSeconds = Number.POSITIVE_INFINITY } = spec
    if (time + startingDeadlineSeconds * 1000 < now) {
      const when = new Date(time).toUTCString().replace('GMT', '+0000')
      const message = `Missed scheduled time to start a job: ${when}`
      this.#recorder.event(cronJob, 'Warning', 'MissSchedule', message)
      return false
    }
    const name = jobName(cronJob, time)
    if (active.some((one) => one.name === name)) return false
    if (status.lastScheduleTime === formatTime(time)) return false
    if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      const message =
        'Not starting job because prior execution is running and concurrency policy is Forbid'
      this.#recorder.event(cronJob, 'Normal', 'JobAlreadyActive', message)
      return false
    }
    return true
  }

  async #replace(cronJob: CronJob, run: Run): Promise<void> {
    for (const { name, uid } of run.active) {
      const { namespace } = cronJob.metadata
      if (!(await this.#delete(cronJob, name ?? ''))) {
        throw new Error(`could not replace job ${namespace}/${name}`)
      }
      run.active = run.active.filter((one) => one.uid !== uid)
    }
  }

  /** The name follows from the time, so that no start is made twice. */
  async #start(
    key: string,
    cronJob: CronJob,
    { timeZone }: Timetable,
    time: number,
    run: Run,
  ): Promise<void> {
    const { namespace } = cronJob.metadata
    const { metadata, spec } = cronJob.spec.jobTemplate
    const name = jobName(cronJob, time)
    const { labels, annotations } = metadata
    const scheduledAt = formatWithOffset(time, timeZone)
    let job: Job
    try {
      job = await this.#client.create(Job, {
        metadata: {
          ...{ namespace, name },
          ...(labels !== undefined && { labels }),
          annotations: { ...annotations, [SCHEDULED_AT]: scheduledAt },
          ownerReferences: [ownerReferenceTo(cronJob, CronJob)],
        },
        spec,
      })
      this.#jobBarrier.wrote(key, job)
      this.#recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`)
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) {
        const message = `Error creating job: ${formatError(error)}`
        this.#recorder.event(cronJob, 'Warning', 'FailedCreate', message)
        throw error
      }
      // Made before, and not written down.
      job = await this.#client.get(Job, { namespace, name })
      if (controllerOf(job)?.uid !== cronJob.metadata.uid) return
    }
    const { uid, resourceVersion } = job.metadata
    const reference = { apiVersion: 'batch/v1', kind: 'Job', namespace, name, uid, resourceVersion }
    run.active = [...run.active, reference]
    run.lastScheduleTime = formatTime(time)
  }

  /** Of the Jobs that have ended, the oldest go where there are too many. */
  async #cleanUp(cronJob: CronJob, jobs: readonly Job[]): Promise<void> {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec
    const limits = [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const
    for (const [condition, limit] of limits) {
      const ended = jobs.filter(({ status }) => isConditionTrue(status.conditions, condition))
      const staying = ended.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      const surplus = Math.max(0, staying.length - limit)
      for (const { metadata } of staying.toSorted(byStart).slice(0, surplus)) {
        await this.#delete(cronJob, metadata.name)
      }
    }
  }

  async #delete(cronJob: CronJob, name: string): Promise<boolean> {
    const { namespace } = cronJob.metadata
    try {
      await this.#client.delete(Job, { namespace, name }, { propagationPolicy: 'Background' })
    } catch (error) {
      if (isReason(error, 'NotFound')) return true
      const message = `Deleted job: ${formatError(error)}`
      this.#recorder.event(cronJob, 'Warning', 'FailedDelete', message)
      return false
    }
    this.#recorder.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)
    return true
  }
}

/** What one reconciliation changes of the status. */
class Run {
  active: ActiveJobs
  lastScheduleTime: string | undefined
  readonly #observed: CronJobStatus

  constructor(observed: CronJobStatus) {
    this.#observed = observed
    this.active = observed.active ?? []
    this.lastScheduleTime = observed.lastScheduleTime
  }

  status(): CronJobStatus {
    const { active: _, lastScheduleTime: __, ...others } = this.#observed
    const { active, lastScheduleTime } = this
    return {
      ...others,
      ...(active.length > 0 && { active }),
      ...(lastScheduleTime !== undefined && { lastScheduleTime }),
    }
  }
}

/** Minutes since 1970 tell the starts apart. */
function jobName({ metadata }: CronJob, time: number): string {
  return `${metadata.name}-${Math.floor(time / MINUTE_MS)}`
}

function byStart(a: Job, b: Job): number {
  const first = a.status.startTime ?? '~'
  const second = b.status.startTime ?? '~'
  if (first !== second) return first < second ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : Number(a.metadata.name > b.metadata.name)
}
