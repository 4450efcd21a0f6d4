import type { UserInfo } from '../request.ts'
import { CREDENTIAL_ID } from './authenticator.ts'

/** An object that a token names, with the uid that it must still have. */
export interface ClaimedObject {
  readonly name: string
  readonly uid?: string
}

/** The claims of a service account's token, under upstream's names. Times are epoch seconds. */
export interface ServiceAccountClaims {
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly iss: string
  readonly jti: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly node?: ClaimedObject
    readonly pod?: ClaimedObject
    readonly secret?: ClaimedObject
    readonly serviceaccount: ClaimedObject
    /** From when on the use of an extended token is told to the audit log. */
    readonly warnafter?: number
  }
  readonly nbf: number
  readonly sub: string
}

const USER_PREFIX = 'system:serviceaccount:'
const ALL_GROUP = 'system:serviceaccounts'
const EXTRA = 'authentication.kubernetes.io/'

/** The user that a service account is. */
export function serviceAccountUserName(namespace: string, name: string): string {
  return `${USER_PREFIX}${namespace}:${name}`
}

/** Namespace and name of a service account's user name; undefined for other users. */
export function splitServiceAccountUserName(
  userName: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!userName.startsWith(USER_PREFIX)) return undefined
  const parts = userName.slice(USER_PREFIX.length).split(':')
  const [namespace = '', name = ''] = parts
  return parts.length === 2 && namespace !== '' && name !== '' ? { namespace, name } : undefined
}

/** The groups of every service account of a namespace. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return [ALL_GROUP, `${ALL_GROUP}:${namespace}`]
}

/** By claims, which a verifier keeps: one token is one user, however often it comes. */
const users = new WeakMap<ServiceAccountClaims, UserInfo>()

/** The user that a valid token stands for. */
export function userOfClaims(claims: ServiceAccountClaims): UserInfo {
  let user = users.get(claims)
  if (user === undefined) {
    user = readUser(claims)
    users.set(claims, user)
  }
  return user
}

function readUser(claims: ServiceAccountClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io']
  const extra: Record<string, readonly string[]> = {}
  if (claims.jti) extra[CREDENTIAL_ID] = [`JTI=${claims.jti}`]
  if (node !== undefined) {
    extra[`${EXTRA}node-name`] = [node.name]
    if (node.uid !== undefined && node.uid !== '') extra[`${EXTRA}node-uid`] = [node.uid]
  }
  if (pod !== undefined) {
    extra[`${EXTRA}pod-name`] = [pod.name]
    extra[`${EXTRA}pod-uid`] = [pod.uid ?? '']
  }
  return {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid ?? '',
    groups: serviceAccountGroups(namespace),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}
