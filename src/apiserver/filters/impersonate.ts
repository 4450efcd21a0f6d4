import { badRequest } from '../../machinery/status-error.ts'
import {
  ALL_AUTHENTICATED,
  ALL_UNAUTHENTICATED,
  ANONYMOUS,
} from '../authentication/authenticator.ts'
import {
  serviceAccountGroups,
  splitServiceAccountUserName,
} from '../authentication/service-account-claims.ts'
import type { Attributes, Authorizer } from '../authorization/authorizer.ts'
import { forbidden } from '../authorization/forbidden.ts'
import type { Filter, ServerRequest, UserInfo } from '../request.ts'

const EXTRA_PREFIX = 'impersonate-extra-'
const AUTHENTICATION_GROUP = 'authentication.k8s.io'

type Target = Pick<Attributes, 'resource' | 'name'> &
  Partial<Pick<Attributes, 'namespace' | 'group' | 'version' | 'subresource'>>

/** What the `Impersonate-*` headers ask for. */
interface Wish {
  readonly userName: string
  readonly groups: readonly string[]
  readonly uid: string
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** Acts as somebody else where the headers ask for it, and each part of it is allowed. */
export function impersonate(authorizer: Authorizer): Filter {
  const act: Filter = async (request, next) => {
    const wish = wishOf(request)
    if (wish === undefined) return next(request)
    const impersonator = request.user ?? ANONYMOUS
    for (const target of targetsOf(wish)) {
      const attributes = { ...EVERYTHING_EMPTY, ...target, user: impersonator }
      const { verdict, reason } = await authorizer.authorize(attributes)
      if (verdict !== 'Allow') throw forbidden(attributes, reason)
    }
    request.user = userOf(wish)
    request.auditAnnotations.set('impersonator', impersonator.name)
    return next(request)
  }
  return (request, next) => (mayImpersonate(request) ? act(request, next) : next(request))
}

function mayImpersonate({ headers }: ServerRequest): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true
  return false
}

const EVERYTHING_EMPTY: Omit<Attributes, 'user' | 'resource' | 'name'> = {
  verb: 'impersonate',
  isResourceRequest: true,
  namespace: '',
  group: '',
  version: '',
  subresource: '',
  path: '',
  fieldSelector: '',
}

function wishOf({ headers }: ServerRequest): Wish | undefined {
  const userName = headers['impersonate-user'] ?? ''
  const groups = splitValues(headers['impersonate-group'])
  const uid = headers['impersonate-uid'] ?? ''
  const extra: Record<string, readonly string[]> = {}
  for (const name in headers) {
    if (!name.startsWith(EXTRA_PREFIX)) continue
    extra[decodeKey(name.slice(EXTRA_PREFIX.length))] = splitValues(headers[name])
  }
  if (userName !== '') return { userName, groups, uid, extra }
  if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return undefined
  throw badRequest('requested groups, extra fields or a uid without impersonating a user')
}

function splitValues(value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : value.split(', ')
}

function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

function targetsOf({ userName, groups, uid, extra }: Wish): readonly Target[] {
  const account = splitServiceAccountUserName(userName)
  const subject =
    account === undefined
      ? { resource: 'users', name: userName }
      : { resource: 'serviceaccounts', ...account, version: 'v1' }
  const ofAuthentication = { group: AUTHENTICATION_GROUP, version: 'v1' }
  return [
    subject,
    ...groups.map((name) => ({ resource: 'groups', name })),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ resource: 'userextras', subresource, name, ...ofAuthentication })),
    ),
    ...(uid === '' ? [] : [{ resource: 'uids', name: uid, ...ofAuthentication }]),
  ]
}

function userOf({ userName, groups, uid, extra }: Wish): UserInfo {
  const account = splitServiceAccountUserName(userName)
  const isImplied = groups.length === 0 && account !== undefined
  const given = isImplied ? serviceAccountGroups(account.namespace) : groups
  return {
    name: userName,
    groups: withStanding(userName, given),
    ...(uid !== '' && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

/** Everybody is either authenticated or not; whoever is not said to be either is the likelier. */
function withStanding(userName: string, groups: readonly string[]): readonly string[] {
  if (groups.includes(ALL_UNAUTHENTICATED)) return groups
  if (userName === ANONYMOUS.name) return [...groups, ALL_UNAUTHENTICATED]
  return groups.includes(ALL_AUTHENTICATED) ? groups : [...groups, ALL_AUTHENTICATED]
}
