import { badRequest } from '../../machinery/status-error.ts'
import {
  ALL_AUTHENTICATED,
  ALL_UNAUTHENTICATED,
  ANONYMOUS,
} from '../authentication/authenticator.ts'
import { extraOfHeaders } from '../authentication/extra-headers.ts'
import { type Authorizer, attributesOf } from '../authorization/authorizer.ts'
import type { Filter } from '../handler.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import type { AccessObserver } from './access-observer.ts'
import { ImpersonationModes, type ImpersonationWish } from './impersonation-modes.ts'

const EXTRA_PREFIXES = ['impersonate-extra-']

/** Acts as somebody else where the headers ask for it, and each part of it is allowed. */
export function impersonate(authorizer: Authorizer, observer?: AccessObserver): Filter {
  const modes = new ImpersonationModes(authorizer, observer)
  const act: Filter = async (request, next) => {
    const impersonator = request.user ?? ANONYMOUS
    const before = request.responseHeaders
    // As with other refusals, nobody shall guess what is in this one.
    request.responseHeaders = { ...before, 'x-content-type-options': 'nosniff' }
    const wish = wishOf(request)
    if (wish === undefined) {
      request.responseHeaders = before
      return next(request)
    }
    const { user, constraint } = await modes.allow(wish, attributesOf(request, impersonator))
    request.responseHeaders = before
    request.user = withStanding(user)
    request.impersonationConstraint = constraint
    request.auditAnnotations.set('impersonator', impersonator.name)
    return next(request)
  }
  return (request, next) =>
    request.hasHeaderLike('impersonate-') ? act(request, next) : next(request)
}

/** What the `Impersonate-*` headers ask for. */
function wishOf(request: ServerRequest): ImpersonationWish | undefined {
  const [userName = ''] = request.headerValues('impersonate-user')
  const groups = request.headerValues('impersonate-group')
  const [uid = ''] = request.headerValues('impersonate-uid')
  const extra = extraOfHeaders(request, EXTRA_PREFIXES)
  if (userName !== '') return { userName, groups, uid, extra }
  if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return undefined
  const requested = formatRequested(uid, groups, extra)
  throw badRequest(`requested ${requested} without impersonating a user name`)
}

/** As Go prints what was asked for. */
function formatRequested(
  uid: string,
  groups: readonly string[],
  extra: Readonly<Record<string, readonly string[]>>,
): string {
  const quote = (text: string) => JSON.stringify(text)
  const listOf = (texts: readonly string[]) => `[]string{${texts.map(quote).join(', ')}}`
  const keys = Object.keys(extra).toSorted()
  const entries = keys.map((key) => `${quote(key)}:${listOf(extra[key] ?? [])}`).join(', ')
  const extras = keys.length === 0 ? '(nil)' : `{${entries}}`
  const groupList = groups.length === 0 ? '[]string(nil)' : listOf(groups)
  return (
    `&user.DefaultInfo{Name:"", UID:${quote(uid)}, Groups:${groupList}, ` +
    `Extra:map[string][]string${extras}}`
  )
}

/** Everybody is either authenticated or not; whoever is not said to be either is the likelier. */
function withStanding(user: UserInfo): UserInfo {
  const { name, groups } = user
  if (groups.includes(ALL_UNAUTHENTICATED)) return user
  if (name === ANONYMOUS.name) return { ...user, groups: [...groups, ALL_UNAUTHENTICATED] }
  if (groups.includes(ALL_AUTHENTICATED)) return user
  return { ...user, groups: [...groups, ALL_AUTHENTICATED] }
}
