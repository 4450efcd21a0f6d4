import { formatError, type Logger } from '../../base/logger.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { StorageWriteError } from '../../storage/storage.ts'
import { explained, type Filter } from '../handler.ts'
import { storageFailure } from '../registry/storage-failure.ts'
import type { ServerRequest } from '../request.ts'
import { terminating } from '../terminations.ts'

/**
 * What is no StatusError is a fault of this program: it is logged with its stack, the client is
 * told in upstream's words, and every other request goes on.
 */
export function panicGuard(logger: Logger): Filter {
  return (request, next) => explained(request, next, (error) => statusOf(error, request, logger))
}

function statusOf(error: unknown, request: ServerRequest, logger: Logger): StatusError {
  if (error instanceof StatusError) return error
  if (request.signal.aborted) return goneAway(request.signal)
  const { method, path } = request
  const unavailable = storageFailure(error)
  if (unavailable !== undefined) {
    // The store has told, once, that its disk takes nothing.
    if (!(error instanceof StorageWriteError)) {
      logger.error('the store failed a request', { method, path, error: formatError(error) })
    }
    return unavailable
  }
  const stack = error instanceof Error ? error.stack : undefined
  logger.error('a request failed', { method, path, error: formatError(error), stack })
  const message = 'This request caused apiserver to panic. Look in the logs for details.'
  return terminating(new StatusError('InternalError', message, { details: {}, cause: error }))
}

/** Nobody reads this answer, or the deadline has given a better one. */
function goneAway({ reason }: AbortSignal): StatusError {
  if (reason instanceof StatusError) return reason
  const message = 'the request was ended before its answer'
  return terminating(new StatusError('ServiceUnavailable', message), 'client')
}
