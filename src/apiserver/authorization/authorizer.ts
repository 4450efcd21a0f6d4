import { joinErrors } from '../../machinery/join-errors.ts'
import type { ServerRequest, UserInfo } from '../request.ts'

/** What somebody wants to do: all that an authorizer may judge by. */
export interface Attributes {
  readonly user: UserInfo
  readonly verb: string
  readonly isResourceRequest: boolean
  /** '' for cluster scope and for all namespaces; as are the others where they say nothing. */
  readonly namespace: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** Of a request that is not for a resource. */
  readonly path: string
  /** As the request has it; `list`, `watch` and `deletecollection` only. */
  readonly fieldSelector: string
  /** As `fieldSelector`, of labels. */
  readonly labelSelector?: string
}

/** `Deny` is final; with `NoOpinion` the next authorizer is asked, and at the end it is a no. */
export interface Decision {
  readonly verdict: 'Allow' | 'Deny' | 'NoOpinion'
  /** For the audit log when it is a yes, for the client too when it is a no. */
  readonly reason: string
  /** What kept an authorizer from judging; it matters only where the verdict is no yes. */
  readonly error?: string
}

/** Judges whether a request may be made. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>
}

/** Somebody else may decide. */
export const NO_OPINION: Decision = { verdict: 'NoOpinion', reason: '' }

/** Members may do anything, also when no role says so. */
export const PRIVILEGED_GROUP = 'system:masters'

const ALLOWED_BY_GROUP: Decision = { verdict: 'Allow', reason: '' }

/** Lets the privileged group do everything, so that nobody can lock all out of a cluster. */
export const privilegedGroupAuthorizer: Authorizer = {
  authorize: ({ user }) => (isPrivileged(user) ? ALLOWED_BY_GROUP : NO_OPINION),
}

/** Whether somebody may do anything, since he is of the privileged group. */
export function isPrivileged({ groups }: UserInfo): boolean {
  return groups.includes(PRIVILEGED_GROUP)
}

const NOTHING: readonly Decision[] = []

/** Asks one after the other until somebody has an opinion; the reasons of the others add up. */
export class UnionAuthorizer implements Authorizer {
  readonly #authorizers: readonly Authorizer[]

  constructor(authorizers: readonly Authorizer[]) {
    this.#authorizers = authorizers
  }

  /** At once, as long as all who are asked answer at once. */
  authorize(attributes: Attributes): Decision | Promise<Decision> {
    return this.#ask(attributes, 0, NOTHING)
  }

  /** `told`: what those before have said who have no opinion. */
  #ask(
    attributes: Attributes,
    first: number,
    told: readonly Decision[],
  ): Decision | Promise<Decision> {
    let all = told
    for (let index = first; index < this.#authorizers.length; index++) {
      const answer = this.#authorizers[index]?.authorize(attributes) ?? NO_OPINION
      if (answer instanceof Promise) {
        return answer.then((decision) =>
          decision.verdict === 'NoOpinion'
            ? this.#ask(attributes, index + 1, [...all, decision])
            : decision,
        )
      }
      if (answer.verdict !== 'NoOpinion') return answer
      if (answer !== NO_OPINION) all = [...all, answer]
    }
    return all.length === 0 ? NO_OPINION : noOpinion(all)
  }
}

function noOpinion(told: readonly Decision[]): Decision {
  const reasons = told.map(({ reason }) => reason).filter((reason) => reason !== '')
  const errors = told.flatMap(({ error }) => error ?? [])
  return {
    verdict: 'NoOpinion',
    reason: reasons.join('\n'),
    ...(errors.length > 0 && { error: joinErrors(errors) }),
  }
}

/** Those whose selectors narrow what is asked for. */
const SELECTING_VERBS: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])

/** What a request asks for; `user` is who is to be judged. */
export function attributesOf({ info, query }: ServerRequest, user: UserInfo): Attributes {
  const { group, version, namespace, resource, subresource, name, verb, path } = info
  const { isResourceRequest } = info
  const isOfMany = isResourceRequest && SELECTING_VERBS.has(verb)
  return {
    user,
    verb,
    isResourceRequest,
    namespace,
    group,
    version,
    resource,
    subresource,
    name,
    path,
    fieldSelector: isOfMany ? (query.get('fieldSelector') ?? '') : '',
    labelSelector: isOfMany ? (query.get('labelSelector') ?? '') : '',
  }
}
