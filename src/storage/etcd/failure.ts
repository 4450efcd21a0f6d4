/** What the gRPC library says of a call that failed. */
export interface GrpcFailure {
  readonly code?: number
  readonly details?: string
  readonly message: string
}

/** The gRPC status codes that etcd's errors are told apart by. */
const DEADLINE_EXCEEDED = 4
const RESOURCE_EXHAUSTED = 8
const OUT_OF_RANGE = 11
const UNAVAILABLE = 14
const MAYBE_DONE = new Set([1, 2, DEADLINE_EXCEEDED, 13, UNAVAILABLE])

const TOO_LARGE_TO_SEND = 'trying to send message larger than max'
/** As etcd's own client: no member with the usual limit would take more. */
const MOST_BYTES_SENT = 2 * 1024 * 1024

/**
 * What a failed call means.
 *
 * - NotSent: no server has seen it, another may be asked whatever it was.
 * - Lost: it may have been carried out or may still be; only what is repeatable is tried again.
 * - Compacted, Future: it names a revision that is gone, or that is not there yet.
 * - Refused: the server has said no.
 */
export type FailureCode = 'NotSent' | 'Lost' | 'Compacted' | 'Future' | 'Refused'

/** A call of etcd that failed. */
export class EtcdCallError extends Error {
  readonly code: FailureCode
  /** The server's own words, such as `etcdserver: no leader`. */
  readonly details: string

  constructor(method: string, endpoint: string, failure: GrpcFailure) {
    const details = (failure.details || failure.message).replace(/\. Resolution note:.*$/, '')
    super(`etcd ${endpoint}: ${method}: ${details}`)
    this.name = 'EtcdCallError'
    this.code = failureCodeOf(failure)
    this.details = details
  }
}

/** A request beyond the limit of the member, or of every client, in the words of Go's. */
export function isTooLarge({ details }: EtcdCallError): boolean {
  return details === 'etcdserver: request is too large' || details.includes(TOO_LARGE_TO_SEND)
}

/** What a request of so many bytes fails with before it is sent; undefined for one that is not. */
export function refusalOfSize(bytes: number): GrpcFailure | undefined {
  if (bytes <= MOST_BYTES_SENT) return undefined
  const details = `${TOO_LARGE_TO_SEND} (${bytes} vs. ${MOST_BYTES_SENT})`
  const message = `rpc error: code = ResourceExhausted desc = ${details}`
  return { code: RESOURCE_EXHAUSTED, details: message, message }
}

/** What a failure of a call means for who made it. */
export function failureCodeOf({ code, details = '' }: GrpcFailure): FailureCode {
  if (code === OUT_OF_RANGE) return details.includes('future revision') ? 'Future' : 'Compacted'
  if (code === UNAVAILABLE && isBeforeSending(details)) return 'NotSent'
  return code === undefined || MAYBE_DONE.has(code) ? 'Lost' : 'Refused'
}

/** The library's words for a call that got no connection; etcd's own begin with its name. */
function isBeforeSending(details: string): boolean {
  return /^(No connection established|Name resolution failed|Channel closed before)/.test(details)
}
