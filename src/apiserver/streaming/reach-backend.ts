import type {
  BackendRequest,
  BackendResponse,
  HttpTarget,
  SendRequest,
  UpgradedConnection,
} from '../../base/http-backend.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { networkErrorText } from '../webhooks/network-error.ts'

/** A server that did not answer; the message says why, in the words of upstream's clients. */
export class UnreachableError extends Error {
  /** What was asked for, with its query. */
  readonly url: string

  constructor(url: string, why: string, cause: unknown) {
    super(why, { cause })
    this.name = 'UnreachableError'
    this.url = url
  }
}

/** Sends a request on. Rejects with an UnreachableError; `now` is in milliseconds since the epoch. */
export async function reachBackend(
  send: SendRequest,
  target: HttpTarget,
  request: BackendRequest,
  now: number,
): Promise<BackendResponse | UpgradedConnection> {
  try {
    return await send(target, request)
  } catch (error) {
    const { host, port, tls } = target
    const why = networkErrorText(error, { host, port, serverName: host, now })
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const url = `${tls === undefined ? 'http' : 'https'}://${address}${request.path}`
    throw new UnreachableError(url, why, error)
  }
}

/** What a client is told whose connection was to be handed on: a 500 without a reason. */
export async function dialled<T>(reaching: Promise<T>): Promise<T> {
  try {
    return await reaching
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    throw new StatusError('', `error dialing backend: ${error.message}`, { cause: error })
  }
}

/** As Go says of a request that failed: `Get "https://host:1/path": dial tcp ...`. */
export function requestFailure(method: string, { url, message }: UnreachableError): string {
  const verb = `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`
  return `${verb} ${JSON.stringify(url)}: ${message}`
}
