import { formatError, type Logger } from '../../base/logger.ts'
import { StatusError } from '../../machinery/status-error.ts'
import {
  ANONYMOUS,
  asAuthenticated,
  InvalidCredentials,
  type RequestAuthenticator,
} from '../authentication/authenticator.ts'
import type { Filter, ServerRequest, UserInfo } from '../request.ts'

/** What everybody may ask: whether the server is alive, and what it is. */
const PUBLIC_PATH = /^\/(healthz|livez|readyz)(\/|$)|^\/version\/?$/

/**
 * Finds out who asks: the first authenticator that knows the proof decides. Without any proof a
 * caller is anonymous, and that only on public paths. Callers within the process are known.
 */
export function authenticate(
  authenticators: readonly RequestAuthenticator[],
  logger: Logger,
): Filter {
  return async (request, next) => {
    request.user ??= await identify(request, authenticators, logger)
    return next(request)
  }
}

async function identify(
  request: ServerRequest,
  authenticators: readonly RequestAuthenticator[],
  logger: Logger,
): Promise<UserInfo> {
  const errors: unknown[] = []
  for (const authenticator of authenticators) {
    try {
      const found = await authenticator.authenticate(request)
      if (found !== undefined) return asAuthenticated(found.user)
    } catch (error) {
      if (!(error instanceof InvalidCredentials)) throw error
      errors.push(error)
    }
  }
  if (errors.length === 0 && PUBLIC_PATH.test(request.path)) return ANONYMOUS
  if (errors.length > 0) {
    const { method, path } = request
    const error = errors.map(formatError).join(', ')
    logger.info('unable to authenticate the request', { method, path, error })
  }
  throw new StatusError('Unauthorized', 'Unauthorized')
}
