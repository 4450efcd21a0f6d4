import type { Eventual } from '../base/eventual.ts'
import type { ServerRequest } from './request.ts'
import type { ServerResponse } from './response.ts'

/** A promise only where something has to be waited for: most reads are answered at once. */
export type Answer = Eventual<ServerResponse>

/** Answers a request; throws or rejects with a StatusError. */
export type Handler = (request: ServerRequest) => Answer

/** One step of a request's way: answers by itself, or calls `next` and may change the answer. */
export type Filter = (request: ServerRequest, next: Handler) => Answer

/**
 * Passes a request on, and tells `hear` what became of it: the answer, or else the error. An answer
 * that is there at once is heard at once, and costs no promise.
 */
export function heard(
  request: ServerRequest,
  next: Handler,
  hear: (response: ServerResponse | undefined, error: unknown) => void,
): Answer {
  let answer: Answer
  try {
    answer = next(request)
  } catch (error) {
    hear(undefined, error)
    throw error
  }
  if (!(answer instanceof Promise)) {
    hear(answer, undefined)
    return answer
  }
  return answer.then(
    (response) => {
      hear(response, undefined)
      return response
    },
    (error: unknown) => {
      hear(undefined, error)
      throw error
    },
  )
}

/** Passes a request on; what it fails with is thrown as `explain` says, at once or later. */
export function explained(
  request: ServerRequest,
  next: Handler,
  explain: (error: unknown) => unknown,
): Answer {
  try {
    const answer = next(request)
    if (!(answer instanceof Promise)) return answer
    return answer.catch((error: unknown) => {
      throw explain(error)
    })
  } catch (error) {
    throw explain(error)
  }
}

/** The handler that runs the filters in their order, the first one outermost. */
export function withFilters(filters: readonly Filter[], handler: Handler): Handler {
  return filters.reduceRight<Handler>((next, filter) => (request) => filter(request, next), handler)
}
