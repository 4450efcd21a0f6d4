import { type Status, StatusError, type StatusReason } from '../../machinery/status-error.ts'

/** An answer as it came. */
export interface ServerAnswer {
  readonly code: number
  /** '' where the server named none. */
  readonly contentType: string
  readonly text: string
  readonly retryAfterSeconds: number | undefined
}

type Entry = readonly [reason: StatusReason, message: string | ((said: string) => string)]

const NO_TYPE = 'the server was unable to respond with a content type that the client supports'

/** What upstream's client says of an answer outside 2xx to a POST, by its code. */
const BY_CODE: Readonly<Record<number, Entry>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', (said) => said],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', (said) => (said === '' || said === 'unknown' ? NO_TYPE : said)],
  409: ['AlreadyExists', 'the server reported a conflict'],
  415: ['UnsupportedMediaType', (said) => said],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: [
    'TooManyRequests',
    'the server has received too many requests and has asked us to try again later',
  ],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
}

const MOST_TEXT = 2048

/** What an answer outside 2xx stands for: the Status in its body, else upstream's words. */
export function serverResponseError(answer: ServerAnswer): StatusError {
  const { code, text, contentType, retryAfterSeconds } = answer
  const status = statusIn(text)
  if (status !== undefined) return StatusError.fromStatus(status)
  const isText = contentType === '' || contentType.startsWith('text/')
  const said = isText ? text.slice(0, MOST_TEXT).trim() : 'unknown'
  const [reason, message] = BY_CODE[code] ?? usualEntry(code)
  return new StatusError(reason, typeof message === 'string' ? message : message(said), {
    code,
    details: {
      causes: [{ reason: 'UnexpectedServerResponse', message: said }],
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  })
}

function usualEntry(code: number): Entry {
  if (code < 500) {
    const what = `the server responded with the status code ${code}`
    return ['', `${what} but did not return more information`]
  }
  const message = (said: string) =>
    `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
  return ['InternalError', message]
}

function statusIn(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Partial<Status> | null
    return value?.kind === 'Status' && value.status === 'Failure' ? (value as Status) : undefined
  } catch {
    return undefined // Not JSON: the server, or a proxy on the way, said it in its own words.
  }
}
