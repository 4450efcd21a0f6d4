import type { Clock } from '../../base/clock.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { ANONYMOUS } from '../authentication/authenticator.ts'
import { type InFlightCounts, sortOf } from '../filters/max-in-flight.ts'
import { type Answer, type Filter, type Handler, heard } from '../handler.ts'
import { isLongRunning, REQUEST_TIMEOUT_MS } from '../listener/request-deadline.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import type { RequestInfo } from '../request-info.ts'
import { terminating } from '../terminations.ts'
import { noteWait } from '../waiting-times.ts'
import { atEndOfTurn } from './end-of-turn.ts'
import type { Classification, FlowControl } from './flow-control.ts'
import type { FlowStats } from './flow-stats.ts'
import type { Run, Wait } from './queue-set.ts'
import { estimateWork, type WorkFacts } from './work-estimate.ts'

/** A request waits for a quarter of the time that it may take; the rest is for its answer. */
const MOST_WAITING_MS = REQUEST_TIMEOUT_MS / 4

export interface PriorityAndFairnessOptions {
  readonly flowControl: FlowControl
  readonly facts: WorkFacts
  readonly clock: Clock
  /** Requests that are being answered, for metrics. */
  readonly inFlight: InFlightCounts
  /** When the seats of an answered request are given back; at the end of the turn when absent. */
  readonly release?: (finish: () => void) => void
}

type Context = Required<PriorityAndFairnessOptions>

/**
 * Lets each request in when its flow's turn has come, and sends it away with 429 where its queues
 * are full: a flood of one client delays itself, not the system. A watch holds its seats until it
 * has been sent what it begins with, all others until their answer has been written: a level that
 * took them back before would answer all who wait in one turn of the event loop, and others none
 * meanwhile. Commands in containers and proxies hold none. Callers in this process are parts of the
 * server, and not made to wait.
 */
export function priorityAndFairness(options: PriorityAndFairnessOptions): Filter {
  const { flowControl } = options
  const context = { ...options, release: options.release ?? atEndOfTurn() }
  return (request, next) => {
    const { info } = request
    if (request.isInProcess) return next(request)
    if (info.verb !== 'watch' && isLongRunning(info)) return next(request)
    const user = request.user ?? ANONYMOUS
    const classification = flowControl.classify(user, info)
    request.priorityLevel = classification.level.name
    request.responseHeaders =
      request.responseHeaders === undefined
        ? classification.headers
        : { ...request.responseHeaders, ...classification.headers }
    return admit(context, request, user, classification, next)
  }
}

function admit(
  options: Context,
  request: ServerRequest,
  user: UserInfo,
  { schema, level, stats }: Classification,
  next: Handler,
): Answer {
  const { facts, clock } = options
  const estimate = estimateWork(request.info, request.query, level.maxSeatsOfRequest, facts, stats)
  const most = Math.max(estimate.seats, estimate.finalSeats)
  const start = (run: Run) => runWith(options, run, stats, most, request, next)
  level.dispatched++
  stats.dispatched++
  stats.noteEstimate(most)
  const { queueSet } = level
  const schemaName = schema.metadata.name
  if (level.isExempt) {
    const subject = queueSet.isWatched ? { request, schemaName, distinguisher: '' } : undefined
    return start(queueSet.runExempt(estimate, subject))
  }
  const distinguisher = distinguisherOf(schema.spec.distinguisherMethod?.type, user, request.info)
  const hand = level.handOf(schemaName, distinguisher)
  const subject = queueSet.isWatched ? { request, schemaName, distinguisher } : undefined
  const arrival = queueSet.arrive(estimate, hand, subject)
  const reject = (reason: string, waitedMs = 0) => {
    level.dispatched--
    stats.dispatched--
    level.rejected.set(reason, (level.rejected.get(reason) ?? 0) + 1)
    stats.noteRejection(reason, waitedMs / 1000)
    level.retryAfter.noteRejection()
    return tooManyRequests(level.retryAfter.seconds)
  }
  switch (arrival.type) {
    case 'running':
      stats.noteRun(0)
      return start(arrival.run)
    case 'rejected':
      throw reject(arrival.reason)
    case 'waiting': {
      const began = clock.monotonic()
      const sort = options.flowControl.bySort[sortOf(request)]
      sort.addWaiting(1, began)
      stats.waiting++
      stats.waitingSeats += most
      stats.noteQueued(arrival.queueLength)
      return waitForTurn(arrival.wait, request, clock, () =>
        reject(request.signal.aborted ? 'cancelled' : 'time-out', clock.monotonic() - began),
      )
        .finally(() => {
          sort.addWaiting(-1, clock.monotonic())
          stats.waiting--
          stats.waitingSeats -= most
        })
        .then((run) => {
          const waitedMs = clock.monotonic() - began
          stats.noteRun(waitedMs / 1000)
          noteWait(request, 'queueMs', waitedMs)
          return start(run)
        })
    }
  }
}

/** Answers in the seats that the request has got, and gives them back. */
function runWith(
  { flowControl, clock, inFlight, release }: Context,
  run: Run,
  stats: FlowStats,
  held: number,
  request: ServerRequest,
  next: Handler,
): Answer {
  const sort = sortOf(request)
  const { executing } = flowControl.bySort[sort]
  const began = clock.monotonic()
  executing.set(++inFlight[sort], began)
  stats.executing++
  stats.executingSeats += held
  const finish = () => {
    const ended = clock.monotonic()
    executing.set(--inFlight[sort], ended)
    stats.executing--
    stats.executingSeats -= held
    stats.noteExecution(request.info.verb === 'watch', (ended - began) / 1000)
    run.finish()
  }
  return heard(request, next, (response) => {
    const onBegun = response?.type === 'watch' ? response.onBegun : undefined
    if (onBegun === undefined) release(finish)
    else finishOnceBegun(onBegun, clock, finish)
  })
}

/** Who does not read holds seats no longer than any other request may. */
function finishOnceBegun(
  onBegun: (listener: () => void) => void,
  clock: Clock,
  finish: () => void,
): void {
  let isFinished = false
  let timer: Disposable | undefined
  const finishOnce = () => {
    if (isFinished) return
    isFinished = true
    timer?.[Symbol.dispose]()
    finish()
  }
  onBegun(finishOnce)
  if (!isFinished) timer = clock.after(REQUEST_TIMEOUT_MS, finishOnce)
}

/** Rejects when the wait was too long, or the client has gone. */
function waitForTurn(
  wait: Wait,
  { signal }: ServerRequest,
  clock: Clock,
  reject: () => StatusError,
): Promise<Run> {
  return new Promise((resolve, fail) => {
    const settle = () => {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', giveUp)
    }
    const giveUp = () => {
      if (!wait.giveUp()) return
      settle()
      fail(reject())
    }
    const timer = clock.after(MOST_WAITING_MS, giveUp)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    void wait.started.then((run) => {
      settle()
      resolve(run)
    })
  })
}

function distinguisherOf(
  method: string | undefined,
  user: UserInfo,
  { namespace }: RequestInfo,
): string {
  if (method === 'ByUser') return user.name
  return method === 'ByNamespace' ? namespace : ''
}

function tooManyRequests(retryAfterSeconds: number): StatusError {
  const message = 'Too many requests, please try again later.'
  return terminating(
    new StatusError('TooManyRequests', message, { details: { retryAfterSeconds } }),
  )
}
