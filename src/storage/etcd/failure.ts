/** What the gRPC library says of a call that failed. */
export interface GrpcFailure {
  readonly code?: number
  readonly details?: string
  readonly message: string
}

/** The gRPC status codes that etcd's errors are told apart by. */
const DEADLINE_EXCEEDED = 4
const OUT_OF_RANGE = 11
const UNAVAILABLE = 14
const MAYBE_DONE = new Set([1, 2, DEADLINE_EXCEEDED, 13, UNAVAILABLE])

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
