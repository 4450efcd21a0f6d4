import { formatError, type Logger } from '../../base/logger.ts'
import { StatusError } from '../../machinery/status-error.ts'
import {
  ANONYMOUS,
  asAuthenticated,
  InvalidCredentials,
  type RequestAuthenticator,
} from '../authentication/authenticator.ts'
import type { Filter } from '../handler.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import type { AccessObserver } from './access-observer.ts'

/** What everybody may ask: whether the server is alive, and what it is. */
const PUBLIC_PATH = /^\/(healthz|livez|readyz)(\/|$)|^\/version\/?$/

/**
 * What a machine reads that is to join and knows no more than a bootstrap token, by whose signature
 * it trusts what it has read. Everybody gets it where a role lets them, as kubeadm's does.
 */
const CLUSTER_INFO = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

/**
 * Whether a caller without any proof may be anonymous on a path; upstream's `anonymous` settings.
 */
export type MayBeAnonymous = (path: string) => boolean

/** Anonymous callers see only whether this server is alive, and how to join. */
export const anonymousOnPublicPaths: MayBeAnonymous = (path) =>
  PUBLIC_PATH.test(path) || path === CLUSTER_INFO

export interface AuthenticateOptions {
  readonly authenticators: readonly RequestAuthenticator[]
  readonly logger: Logger
  /** Only the paths of health, version and cluster-info when absent. */
  readonly mayBeAnonymous?: MayBeAnonymous | undefined
  /** Is told of proofs. */
  readonly accessObserver?: AccessObserver | undefined
  /** Headers of front proxies beside the usual ones. */
  readonly isProof?: ((header: string) => boolean) | undefined
}

/**
 * Finds out who asks: the first authenticator that knows the proof decides. Without any proof a
 * caller is anonymous, where that may be. Callers within the process are known.
 */
export function authenticate({
  authenticators,
  logger,
  mayBeAnonymous = anonymousOnPublicPaths,
  accessObserver: observer,
  isProof,
}: AuthenticateOptions): Filter {
  return (request, next) => {
    if (request.user !== undefined) return next(request)
    request.isProof = isProof
    const startedAt = observer?.start() ?? 0
    const enter = (user: UserInfo | 'failure' | 'error') => {
      if (typeof user === 'string') {
        observer?.unauthenticated(user, startedAt)
        throw new StatusError('Unauthorized', 'Unauthorized')
      }
      observer?.authenticated(user.name, startedAt)
      request.user = user
      return next(request)
    }
    const known = knownUser(request, authenticators)
    if (known !== undefined) return enter(asAuthenticated(known))
    return identify(request, authenticators, logger, mayBeAnonymous).then(enter)
  }
}

/** Who it is, if that can be said at once by the first who would have an opinion. */
function knownUser(
  request: ServerRequest,
  authenticators: readonly RequestAuthenticator[],
): UserInfo | undefined {
  for (const authenticator of authenticators) {
    const known = authenticator.known?.(request)
    if (known !== 'no-proof') return known
  }
  return undefined
}

/** Who it is, that no proof was given, or that none of them is good. */
async function identify(
  request: ServerRequest,
  authenticators: readonly RequestAuthenticator[],
  logger: Logger,
  mayBeAnonymous: MayBeAnonymous,
): Promise<UserInfo | 'failure' | 'error'> {
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
  if (errors.length === 0) return mayBeAnonymous(request.path) ? ANONYMOUS : 'failure'
  const { method, path } = request
  const error = errors.map(formatError).join(', ')
  logger.info('unable to authenticate the request', { method, path, error })
  return 'error'
}
