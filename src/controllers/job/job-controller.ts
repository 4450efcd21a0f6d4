import { type Clock, formatTime } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { Job, type JobStatus } from '../../kinds/batch/v1/job.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { selectorOf } from '../../machinery/label-selector.ts'
import { controllerOf } from '../../machinery/owner-references.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  type Watch,
  watch,
  watchEvents,
} from '../runtime/controller.ts'
import { claim } from '../runtime/controller-ref-manager.ts'
import { Expectations } from '../runtime/expectations.ts'
import { omitZero } from '../runtime/omit-zero.ts'
import { watchOwnedPods } from '../runtime/owned-pods.ts'
import { indexByController, isPodReady, orphanedPods, podsControlledBy } from '../runtime/pods.ts'
import { WriteBarrier } from '../runtime/write-barrier.ts'
import { countJobPods, hasUncounted, settleUncounted } from './count-job-pods.ts'
import { type FailureRecord, noFailures, recordFailures } from './job-back-off.ts'
import {
  COMPLETIONS_REACHED,
  decideFinish,
  type Finish,
  isJobFinished,
  untilDeadline,
  withCondition,
  withInterimCondition,
} from './job-finish.ts'
import { isTracked, TRACKING_FINALIZER } from './job-pod.ts'
import { JobPods } from './job-pods.ts'
import { type JobState, jobState } from './job-state.ts'
import { type JobPlan, planJobPods } from './plan-job-pods.ts'

/** Changes of pods come in flocks: they are looked at together. */
const BATCH_MS = 1_000

const CONTROLLER_NAME = 'kubernetes.io/job-controller'

/** Behind a Job's namespace and name, the key of a pod that has its finalizer but no Job. */
const ORPHAN = 'orphan '

/** What has been done about a Job's pods in one reconciliation. */
interface Outcome {
  readonly state: JobState
  readonly finish: Finish | undefined
  readonly active: number
  readonly ready: number
  readonly terminating: number
  readonly isManaged: boolean
  readonly waitMs: number | undefined
  readonly error: unknown
}

/** Runs each Job's pods until enough have succeeded or too many failed. */
export class JobController implements Controller {
  readonly name = 'job-controller'
  readonly workers = 5
  readonly retryDelays = { baseDelayMs: 1_000, maxDelayMs: 60_000 }
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #recorder: EventRecorder
  readonly #jobs: Informer<Job>
  readonly #pods: Informer<Pod>
  readonly #jobPods: JobPods
  readonly #expectations: Expectations<Pod>
  readonly #barrier: WriteBarrier
  readonly #failures = new Map<string, FailureRecord & { readonly uid: string }>()
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#recorder = recorder
    this.#jobs = informers.for(Job)
    this.#pods = informers.for(Pod)
    indexByController(this.#pods)
    this.#jobPods = new JobPods(client, recorder, this.#pods)
    this.#expectations = new Expectations(clock, this.#pods)
    this.#barrier = new WriteBarrier(this.#jobs)
    const owned = watchOwnedPods(this.#pods, this.#jobs, {
      kind: Job,
      selectorOf: ({ spec }) => selectorOf(spec.selector),
    })
    this.watches = [
      watchEvents(this.#jobs, ({ type, object, old }, enqueue) => {
        const isStatusOnly = old?.metadata.generation === object.metadata.generation
        enqueue(keyOf(object), type === 'MODIFIED' && isStatusOnly ? BATCH_MS : 0)
        if (type !== 'DELETED' && !isJobFinished(object)) return
        const left = podsControlledBy(this.#pods, object).filter(isTracked)
        for (const pod of left) enqueue(`${ORPHAN}${keyOf(pod)}`)
      }),
      { start: (enqueue) => owned.start((key, ms = 0) => enqueue(key, ms + BATCH_MS)) },
      watch(this.#pods, ({ type, object }) =>
        type !== 'DELETED' && this.#isStranded(object) ? [`${ORPHAN}${keyOf(object)}`] : [],
      ),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    if (key.startsWith(ORPHAN)) return await this.#free(key.slice(ORPHAN.length))
    const job = this.#jobs.get(key)
    const isOurs = (job?.spec.managedBy ?? CONTROLLER_NAME) === CONTROLLER_NAME
    if (job === undefined || !isOurs || isJobFinished(job)) {
      this.#expectations.forget(key)
      this.#failures.delete(key)
      this.#jobPods.forget(key)
      return undefined
    }
    const again = () => this.#enqueue(key)
    if (!this.#barrier.isPassed(key, again)) return undefined
    const isSatisfied = this.#expectations.areSatisfied(key)
    if (!isSatisfied) this.#expectations.whenCaughtUp(key, again)
    const pods = await this.#claim(job)
    const state = jobState(
      this.#started(job),
      pods,
      this.#jobPods.releasedOf(key, pods),
      this.#clock.now(),
    )
    const record = this.#recordOf(key, state)
    const outcome = await this.#act(key, state, record, isSatisfied)
    await this.#count(key, job, outcome, record)
    if (outcome.error !== undefined) throw outcome.error
    const deadlineMs = untilDeadline(state.job, state.now) ?? Number.POSITIVE_INFINITY
    const waits = [outcome.waitMs ?? Number.POSITIVE_INFINITY, deadlineMs]
    const requeueAfterMs = Math.min(...waits.filter((ms) => ms > 0))
    return requeueAfterMs === Number.POSITIVE_INFINITY ? undefined : { requeueAfterMs }
  }

  /** Makes and removes pods. */
  async #act(
    key: string,
    state: JobState,
    record: FailureRecord,
    isSatisfied: boolean,
  ): Promise<Outcome> {
    const { job, active } = state
    const finish = decideFinish(state)
    if (finish !== undefined) {
      const { deleted, error } = await this.#jobPods.remove(job, active)
      // Pods may be left, or on their way into the cache: the end has to wait.
      const isEnd = isSatisfied && deleted.length === active.length
      const counts = this.#counts(state, deleted, 0)
      return { ...counts, finish: isEnd ? finish : undefined, isManaged: false, error }
    }
    const isManaged = isSatisfied && job.metadata.deletionTimestamp === undefined
    const plan: JobPlan = isManaged ? planJobPods(state, record) : { remove: [], create: [] }
    const { deleted, error: removeError } = await this.#jobPods.remove(job, plan.remove, true)
    const { created, error: createError } = await this.#jobPods.create(state, plan.create)
    if (isManaged) this.#expectations.expect(key, { created, deleted })
    const counts = this.#counts(state, deleted, created.length, plan.waitMs)
    const { completions } = job.spec
    const isDone = completions === undefined ? state.succeeded > 0 : state.succeeded >= completions
    const isComplete = isDone && counts.active === 0
    return {
      ...counts,
      finish: isComplete ? COMPLETIONS_REACHED : undefined,
      isManaged,
      error: removeError ?? createError,
    }
  }

  #counts(state: JobState, deleted: readonly Pod[], created: number, waitMs?: number) {
    const { active, terminating } = state
    return {
      state,
      active: active.length + created - deleted.length,
      ready: active.filter((pod) => isPodReady(pod) && !deleted.includes(pod)).length,
      terminating: terminating + deleted.length,
      waitMs,
    }
  }

  /** Writes what has been counted, lets the pods go, and writes what that changes. */
  async #count(key: string, cached: Job, outcome: Outcome, record: FailureRecord): Promise<void> {
    const { state, finish, active, ready, terminating } = outcome
    const { job, now, pods, isPending } = state
    const { status: counted, release, hasMore } = countJobPods(state, finish)
    const { active: _, ...others } = this.#withSuspension(counted, outcome)
    const conditions = others.conditions ?? []
    const status: JobStatus = {
      ...others,
      ...omitZero({
        active,
        conditions:
          finish === undefined ? conditions : withInterimCondition(conditions, finish, now),
      }),
      ready,
      terminating,
    }
    let written = cached
    if (!deepEqual(cached.status, status)) {
      written = await this.#write(key, { ...job, status })
      this.#failures.set(key, { ...record, uid: job.metadata.uid })
    }
    const { released, error } = await this.#jobPods.release(key, release)
    const tracked = pods.filter(isPending).map(({ metadata }) => metadata.uid)
    const left = new Set(tracked.filter((uid) => !released.has(uid)))
    const settled = settleUncounted(written.status, left)
    const isEnd =
      finish !== undefined &&
      error === undefined &&
      !hasMore &&
      !hasUncounted(settled) &&
      terminating === 0
    const last = isEnd ? finished(settled, finish, now) : settled
    if (!deepEqual(written.status, last)) await this.#write(key, { ...written, status: last })
    if (isEnd) this.#tellFinished({ ...job, status: last }, finish)
    if (error !== undefined) throw error
  }

  #withSuspension(status: JobStatus, { state, finish, isManaged }: Outcome): JobStatus {
    if (!isManaged || finish !== undefined) return status
    const { job, now } = state
    const isSuspended = job.spec.suspend
    const before = status.conditions ?? []
    const conditions = withCondition(
      before,
      isSuspended
        ? { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
        : { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' },
      now,
    )
    if (conditions === before) return status
    const [reason, message] = isSuspended
      ? ['Suspended', 'Job suspended']
      : ['Resumed', 'Job resumed']
    this.#recorder.event(job, 'Normal', reason, message)
    const { startTime: _, ...others } = status
    // The deadline counts from when a Job goes on.
    return { ...others, conditions, ...(!isSuspended && { startTime: formatTime(now) }) }
  }

  #started(job: Job): Job {
    if (job.status.startTime !== undefined || job.spec.suspend) return job
    return { ...job, status: { ...job.status, startTime: formatTime(this.#clock.now()) } }
  }

  #recordOf(key: string, { job, newSucceeded, newFailed }: JobState): FailureRecord {
    const known = this.#failures.get(key)
    const { failures, lastAt } = known?.uid === job.metadata.uid ? known : noFailures
    return recordFailures({ failures, lastAt }, newSucceeded, newFailed)
  }

  /** Whether nobody is left who would count a pod. */
  #isStranded(pod: Pod): boolean {
    if (!isTracked(pod)) return false
    const reference = controllerOf(pod)
    if (reference === undefined) return true
    if (reference.kind !== 'Job' || !reference.apiVersion.startsWith('batch/')) return false
    if (pod.metadata.deletionTimestamp === undefined) return false
    return !this.#isCounted(pod, reference)
  }

  async #free(key: string): Promise<undefined> {
    const pod = this.#pods.get(key)
    if (pod === undefined || !isTracked(pod)) return
    const reference = controllerOf(pod)
    if (reference !== undefined) {
      if (reference.kind !== 'Job' || !reference.apiVersion.startsWith('batch/')) return
      if (this.#isCounted(pod, reference)) return
    }
    await this.#jobPods.free(pod)
  }

  #isCounted(pod: Pod, { name, uid }: { readonly name: string; readonly uid: string }): boolean {
    const job = this.#jobs.get(`${pod.metadata.namespace}/${name}`)
    if (job === undefined || job.metadata.uid !== uid) return false
    const isOurs = (job.spec.managedBy ?? CONTROLLER_NAME) === CONTROLLER_NAME
    return !isOurs || !isJobFinished(job)
  }

  #claim(job: Job): Promise<readonly Pod[]> {
    const known = [
      ...podsControlledBy(this.#pods, job),
      ...orphanedPods(this.#pods, job.metadata.namespace),
    ]
    const selector = selectorOf(job.spec.selector)
    const options = { client: this.#client, owner: job, ownerKind: Job, kind: Pod, selector }
    return claim(known, { ...options, finalizers: [TRACKING_FINALIZER] })
  }

  async #write(key: string, job: Job): Promise<Job> {
    const written = await this.#client.updateStatus(Job, job)
    this.#barrier.wrote(key, written)
    return written
  }

  #tellFinished(job: Job, { type, reason, message }: Finish): void {
    if (type === 'Failed') {
      this.#recorder.event(job, 'Warning', reason, message)
      return
    }
    const { completions = Number.POSITIVE_INFINITY } = job.spec
    if ((job.status.succeeded ?? 0) > completions) {
      const tooMany = 'Too many succeeded pods running after completion count reached'
      this.#recorder.event(job, 'Warning', 'TooManySucceededPods', tooMany)
    }
    this.#recorder.event(job, 'Normal', 'Completed', 'Job completed')
  }
}

function finished(status: JobStatus, finish: Finish, now: number): JobStatus {
  const { type, reason, message } = finish
  const change = { type, status: 'True', reason, message } as const
  const conditions = withCondition(status.conditions ?? [], change, now)
  if (type === 'Failed') return { ...status, conditions }
  return { ...status, conditions, completionTime: formatTime(now) }
}
