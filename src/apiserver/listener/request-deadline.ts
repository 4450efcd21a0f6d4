import { DurationSyntaxError, parseDuration } from '../../machinery/duration.ts'
import { badRequest, StatusError } from '../../machinery/status-error.ts'
import type { RequestInfo } from '../request-info.ts'
import { terminating } from '../terminations.ts'

/** What a request may take at most; upstream's `--request-timeout`. */
export const REQUEST_TIMEOUT_MS = 60_000

const LONG_RUNNING_VERBS: ReadonlySet<string> = new Set(['watch', 'proxy'])
const LONG_RUNNING_SUBRESOURCES: ReadonlySet<string> = new Set([
  'attach',
  'exec',
  'proxy',
  'log',
  'portforward',
])

/** Requests that may last as long as their client likes. */
export function isLongRunning({ verb, subresource, isResourceRequest }: RequestInfo): boolean {
  if (!isResourceRequest) return false
  return LONG_RUNNING_VERBS.has(verb) || LONG_RUNNING_SUBRESOURCES.has(subresource)
}

/**
 * Milliseconds that a client grants with `?timeout=`, the limit at most; 0 means no wish. Throws
 * 400 for what is not a duration.
 */
export function requestTimeoutMs(query: URLSearchParams, limitMs: number): number {
  const text = query.get('timeout') ?? ''
  if (text === '') return limitMs
  try {
    const wishedMs = parseDuration(text)
    return wishedMs > 0 && wishedMs < limitMs ? wishedMs : limitMs
  } catch (error) {
    if (!(error instanceof DurationSyntaxError)) throw error
    throw badRequest(`invalid timeout specified in the request URL - ${error.message}`)
  }
}

/** The 504 for a request whose time is up. */
export function timedOut(): StatusError {
  const message = 'Timeout: request did not complete within the allotted timeout'
  return terminating(new StatusError('Timeout', message, { details: {} }))
}
