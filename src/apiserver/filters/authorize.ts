import { ANONYMOUS } from '../authentication/authenticator.ts'
import {
  type Attributes,
  type Authorizer,
  attributesOf,
  type Decision,
} from '../authorization/authorizer.ts'
import { escapeMarkup, forbidden } from '../authorization/forbidden.ts'
import { respondWithText } from '../endpoints/document.ts'
import type { Answer, Filter, Handler } from '../handler.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import type { AccessObserver } from './access-observer.ts'

const RESULTS = { Allow: 'allowed', Deny: 'denied', NoOpinion: 'no-opinion' } as const

/** Lets pass what the authorizer allows; anything else is a 403 that says why. */
export function authorize(authorizer: Authorizer, observer?: AccessObserver): Filter {
  return (request, next) => {
    const attributes = attributesOf(request, request.user ?? ANONYMOUS)
    const startedAt = observer?.start() ?? 0
    const judged = (decision: Decision) => obey(decision, request, next, attributes, startedAt)
    const answer = authorizer.authorize(attributes)
    return answer instanceof Promise ? answer.then(judged) : judged(answer)
  }

  function obey(
    { verdict, reason, error }: Decision,
    request: ServerRequest,
    next: Handler,
    attributes: Attributes,
    startedAt: number,
  ): Answer {
    const isAllowed = verdict === 'Allow'
    if (!isAllowed && error !== undefined) {
      observer?.authorized('error', startedAt)
      request.auditAnnotations.set('authorization.k8s.io/reason', 'internal error')
      return undecided(request, error)
    }
    observer?.authorized(RESULTS[verdict], startedAt)
    const decision = isAllowed ? 'allow' : 'forbid'
    request.auditAnnotations.set('authorization.k8s.io/decision', decision)
    request.auditAnnotations.set('authorization.k8s.io/reason', reason)
    if (isAllowed) return next(request)
    // Names that the client has chosen are told again, and no browser shall guess what they are.
    request.responseHeaders = { ...request.responseHeaders, 'x-content-type-options': 'nosniff' }
    throw forbidden(attributes, reason)
  }
}

/** The 500 where an authorizer could not judge and no other said yes, in upstream's plain words. */
function undecided({ url }: ServerRequest, error: string): ServerResponse {
  const text = `Internal Server Error: ${JSON.stringify(url)}: ${error}`
  return respondWithText(`${escapeMarkup(text)}\n`, 500)
}
