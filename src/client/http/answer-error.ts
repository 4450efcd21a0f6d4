import { formatError } from '../../base/logger.ts'
import {
  type Status,
  type StatusDetails,
  StatusError,
  type StatusReason,
} from '../../machinery/status-error.ts'

/** What is said of an answer that carries no Status, as client-go words it. */
const BY_CODE: Readonly<Record<number, readonly [StatusReason, string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', 'the server does not allow access to the requested resource'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: [
    'NotAcceptable',
    'the server was unable to respond with a content type that the client supports',
  ],
  409: ['Conflict', 'the server reported a conflict'],
  413: ['RequestEntityTooLarge', 'Request entity too large'],
  415: ['UnsupportedMediaType', 'the body of the request was in an unknown format'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: [
    'TooManyRequests',
    'the server has received too many requests and has asked us to try again later',
  ],
  500: ['InternalError', 'an error on the server has prevented the request from succeeding'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted'],
}

/** The error that an answer outside 2xx stands for, with or without a Status in its body. */
export function errorFromAnswer(
  code: number,
  body: string,
  retryAfterSeconds: number | undefined,
): StatusError {
  const status = parseStatus(body)
  const hasDelay = retryAfterSeconds !== undefined && Number.isFinite(retryAfterSeconds)
  const details: StatusDetails | undefined = hasDelay
    ? { ...status?.details, retryAfterSeconds }
    : status?.details
  if (status !== undefined) {
    return StatusError.fromStatus({ code, ...status, ...(details !== undefined && { details }) })
  }
  const [reason, text] = BY_CODE[code] ?? ['', `the server responded with the status code ${code}`]
  const detail = body.trim() === '' ? '' : `: ${body.trim().slice(0, 2048)}`
  return new StatusError(reason, `${text}${detail}`, {
    code,
    ...(details !== undefined && { details }),
  })
}

/** The error of a server that could not be reached; the cause says why. */
export function unreachable(what: string, cause: unknown): StatusError {
  return new StatusError('ServiceUnavailable', `${what}: ${formatError(cause)}`, { cause })
}

function parseStatus(body: string): Status | undefined {
  try {
    const value = JSON.parse(body) as Partial<Status> | null
    return value?.kind === 'Status' ? (value as Status) : undefined
  } catch {
    return undefined // Not JSON: a proxy or a server of another kind has answered.
  }
}
