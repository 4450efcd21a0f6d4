import { type Clock, formatTime } from '../../base/clock.ts'
import type { TokenReview } from '../../kinds/authentication/v1/token-review.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { badRequest } from '../../machinery/status-error.ts'
import { admitReview } from '../admission/admit-review.ts'
import type { UserInfo } from '../request.ts'
import type { VirtualHandler } from '../verbs/dispatch.ts'
import { readObject } from '../verbs/read-object.ts'
import { respondWithAnswer } from '../verbs/respond.ts'
import { readWriteOptions } from '../verbs/write-options.ts'
import {
  ANONYMOUS,
  asAuthenticated,
  InvalidCredentials,
  type TokenAuthenticator,
  type TokenBearer,
} from './authenticator.ts'
import { authenticateBearer } from './bearer-token.ts'

/** The handlers of the kinds that answer who somebody is, by `group/plural`. */
export function identityReviewHandlers(
  tokens: TokenAuthenticator,
  audiences: readonly string[],
  clock: Clock,
): ReadonlyMap<string, VirtualHandler> {
  return new Map<string, VirtualHandler>([
    ['authentication.k8s.io/tokenreviews', tokenReview(tokens, audiences)],
    ['authentication.k8s.io/selfsubjectreviews', selfSubjectReview(clock)],
  ])
}

/** Who the caller is, after impersonation. */
function selfSubjectReview(clock: Clock): VirtualHandler {
  return async (request, kind, context) => {
    const { fieldValidation } = readWriteOptions(request, 'CreateOptions')
    await admitReview(request, kind, await readObject(request, kind, fieldValidation), context)
    const { apiVersion } = kind
    const metadata = { creationTimestamp: formatTime(clock.now()) }
    const status = { userInfo: formatUser(request.user ?? ANONYMOUS) }
    const answer = { kind: kind.kind, apiVersion, metadata, status } as unknown as KubeObject
    return respondWithAnswer(request, kind, answer)
  }
}

/** Whose a token is, for servers that cannot tell; the answer for a bad one is no error. */
function tokenReview(tokens: TokenAuthenticator, ownAudiences: readonly string[]): VirtualHandler {
  return async (request, kind, context) => {
    const { fieldValidation } = readWriteOptions(request, 'CreateOptions')
    const given = await readObject(request, kind, fieldValidation)
    const review = (await admitReview(request, kind, given, context)) as TokenReview
    const { token, audiences = [] } = review.spec
    if (token === '') throw badRequest('token is required for TokenReview in authentication')
    const wanted = audiences.length === 0 ? ownAudiences : audiences
    const { namespace: _, ...metadata } = review.metadata
    const status = await judge(tokens, token, wanted, request)
    return respondWithAnswer(request, kind, { ...review, metadata, status } as KubeObject)
  }
}

async function judge(
  tokens: TokenAuthenticator,
  token: string,
  audiences: readonly string[],
  bearer: TokenBearer,
) {
  try {
    const found = await authenticateBearer(tokens, token, audiences, bearer)
    return {
      authenticated: true,
      user: formatUser(asAuthenticated(found.user)),
      ...(found.audiences !== undefined && { audiences: found.audiences }),
    }
  } catch (error) {
    if (!(error instanceof InvalidCredentials)) throw error
    return { user: {}, error: error.message }
  }
}

function formatUser({ name, uid, groups, extra }: UserInfo) {
  return {
    username: name,
    ...(uid !== undefined && uid !== '' && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && Object.keys(extra).length > 0 && { extra }),
  }
}
