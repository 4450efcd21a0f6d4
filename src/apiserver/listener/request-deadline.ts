import { DurationSyntaxError, parseDuration } from '../../machinery/duration.ts'
import { badRequest, StatusError } from '../../machinery/status-error.ts'
import type { RequestInfo } from '../request-info.ts'
import type { EncodedResponse } from '../response.ts'
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

/**
 * The 504 that a client gets whose time is up. As upstream's, which is sent past all that makes
 * other answers: a Status without kind and version, as a plain text. Clients put their own words
 * for it.
 */
export function timedOutResponse(timeout: StatusError): EncodedResponse {
  const { kind: _kind, apiVersion: _apiVersion, ...status } = timeout.toStatus()
  const text = `${JSON.stringify(status)}\n`
  return {
    type: 'encoded',
    code: timeout.code,
    contentType: 'text/plain; charset=utf-8',
    chunks: () => [Buffer.from(text)],
    object: () => text,
  }
}

/** Why a request ends whose time is up. */
export function timedOut(): StatusError {
  const message = 'Timeout: request did not complete within the allotted timeout'
  return terminating(new StatusError('Timeout', message, { details: {} }))
}
