import type { CronJob } from '../../kinds/batch/v1/cron-job.ts'
import { timeOf } from '../runtime/pods.ts'
import { nextDue, type Timetable } from './cron-times.ts'

/** Clocks differ a little: better too late than before the time. */
const SLACK_MS = 100

const TOO_MANY = 100

/** The schedule can be read and makes no sense, such as the 31st of February. */
export class NeverDueError extends Error {
  override readonly name = 'NeverDueError'
}

/** A start that is due. */
export interface DueStart {
  readonly time: number
  /** Far more than one has been missed, which tells of a wrong clock. */
  readonly areTooManyMissed: boolean
}

interface Missed {
  /** What was looked at from here on. */
  readonly since: number
  readonly latest: number | undefined
  readonly count: number
}

/** The last start that is due and has not been made. Throws NeverDueError. */
export function dueStart(
  cronJob: CronJob,
  timetable: Timetable,
  now: number,
): DueStart | undefined {
  const { startingDeadlineSeconds } = cronJob.spec
  const deadline =
    startingDeadlineSeconds === undefined
      ? Number.NEGATIVE_INFINITY
      : now - startingDeadlineSeconds * 1000
  const { latest, count } = missedStarts(cronJob, timetable, now, deadline)
  if (latest === undefined || latest > now) return undefined
  return { time: latest, areTooManyMissed: count > TOO_MANY }
}

/** Milliseconds until the next start. */
export function untilNextStart(
  cronJob: CronJob,
  timetable: Timetable,
  now: number,
): number | undefined {
  const from = lastStart(cronJob, timetable, now)
  const next = nextDue(timetable, from)
  return next === undefined ? undefined : next + SLACK_MS - now
}

function lastStart(cronJob: CronJob, timetable: Timetable, now: number): number {
  try {
    const { since, latest } = missedStarts(cronJob, timetable, now)
    return latest ?? since
  } catch (error) {
    if (error instanceof NeverDueError) return now
    throw error
  }
}

/** Counts by the distance of the first two, so that years of starts need not be gone through. */
function missedStarts(
  { metadata, status }: CronJob,
  timetable: Timetable,
  now: number,
  notBefore = Number.NEGATIVE_INFINITY,
): Missed {
  const known = timeOf(status.lastScheduleTime) ?? timeOf(metadata.creationTimestamp) ?? now
  const since = Math.max(known, notBefore)
  const first = nextDue(timetable, since)
  const second = first === undefined ? undefined : nextDue(timetable, first)
  if (first === undefined || second === undefined) {
    throw new NeverDueError('time difference between two schedules is less than 1 second')
  }
  if (now < first) return { since, latest: undefined, count: 0 }
  if (now < second) return { since, latest: first, count: 0 }
  const distance = second - first
  const count = Math.floor((now - first) / distance) + 1
  const latest = first + (count - 1) * distance
  return {
    since,
    count,
    latest:
      timetable.schedule.type === 'every' ? latest : latestDue(timetable, first, now, distance),
  }
}

/** Looks back further and further, as a schedule need not be regular. `first` is due. */
function latestDue(timetable: Timetable, first: number, now: number, distance: number): number {
  for (let window = distance; ; window *= 2) {
    const from = Math.max(first, now - window)
    let latest = from === first ? first : undefined
    let time = nextDue(timetable, from)
    while (time !== undefined && time <= now) {
      latest = time
      time = nextDue(timetable, time)
    }
    if (latest !== undefined) return latest
  }
}
