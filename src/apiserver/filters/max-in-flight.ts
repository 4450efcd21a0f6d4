import { StatusError } from '../../machinery/status-error.ts'
import { isPrivileged } from '../authorization/authorizer.ts'
import { type Filter, heard } from '../handler.ts'
import { isLongRunning } from '../listener/request-deadline.ts'
import type { ServerRequest } from '../request.ts'
import { terminating } from '../terminations.ts'

/** Upstream's `--max-requests-inflight` and `--max-mutating-requests-inflight`. */
export interface InFlightLimits {
  readonly readOnly: number
  readonly mutating: number
}

/** How many requests are being answered, for metrics. */
export interface InFlightCounts {
  readOnly: number
  mutating: number
}

const DEFAULT_LIMITS: InFlightLimits = { readOnly: 400, mutating: 200 }

const READ_ONLY_VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
const RETRY_AFTER_SECONDS = 1

/**
 * Sends clients away with 429 while too many others are being answered, rather than let all of
 * them wait. Watches and the like do not count, nor do administrators and callers in the process.
 */
export function maxInFlight(counts: InFlightCounts, limits = DEFAULT_LIMITS): Filter {
  return (request, next) => {
    const { info, user } = request
    if (isLongRunning(info)) return next(request)
    const isExempt = request.isInProcess || (user !== undefined && isPrivileged(user))
    const sort = sortOf(request)
    if (!isExempt && counts[sort] >= limits[sort]) throw tooManyRequests()
    counts[sort]++
    return heard(request, next, () => {
      counts[sort]--
    })
  }
}

/** Among which requests one is counted. */
export function sortOf({ info }: ServerRequest): keyof InFlightCounts {
  return READ_ONLY_VERBS.has(info.verb) ? 'readOnly' : 'mutating'
}

function tooManyRequests(): StatusError {
  const details = { retryAfterSeconds: RETRY_AFTER_SECONDS }
  const message = 'Too many requests, please try again later.'
  return terminating(new StatusError('TooManyRequests', message, { details }))
}
