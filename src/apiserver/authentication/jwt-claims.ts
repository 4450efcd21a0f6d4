import type { UserInfo } from '../request.ts'
import type { JwtSettings } from './authentication-configuration.ts'
import { CREDENTIAL_ID, InvalidCredentials } from './authenticator.ts'
import type { ClaimExpressions } from './claim-expressions.ts'

/** The claims of a token whose signature is good. */
export type JwtClaims = Readonly<Record<string, unknown>>

/** What clocks of two machines may differ by for a token that is not good yet. */
const NOT_BEFORE_LEEWAY_MS = 5 * 60_000

/** Throws an Error that says why a token is not in its time, or for none of the audiences. */
export function checkClaims(
  claims: JwtClaims,
  { audiences }: Pick<JwtSettings['issuer'], 'audiences'>,
  now: number,
): void {
  const [exp, nbf, aud] = ['exp', 'nbf', 'aud'].map((name) => claimOf(claims, name))
  if (typeof exp !== 'number' || exp * 1000 <= now) {
    throw new Error('oidc: token is expired')
  }
  if (typeof nbf === 'number' && nbf * 1000 > now + NOT_BEFORE_LEEWAY_MS) {
    throw new Error('oidc: current time before the nbf time')
  }
  const given = [aud ?? []].flat()
  if (!given.some((audience) => audiences.includes(audience as string))) {
    const [wanted, got] = [audiences, given].map((list) => JSON.stringify(list))
    throw new Error(`oidc: expected audience in ${wanted} got ${got}`)
  }
}

/** The user that the claims name, by the issuer's mappings; throws `InvalidCredentials`. */
export function userOfJwtClaims(
  claims: JwtClaims,
  settings: JwtSettings,
  expressions: ClaimExpressions,
): UserInfo {
  const name = expressions.username(claims) ?? usernameOf(claims, settings)
  const groups = expressions.groups(claims) ?? groupsOf(claims, settings)
  const uid = expressions.uid(claims) ?? uidOf(claims, settings)
  const extra = { ...credentialOf(claims), ...expressions.extra(claims) }
  const user: UserInfo = {
    name,
    groups,
    ...(uid !== '' && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
  checkRequired(claims, settings)
  expressions.checkClaims(claims)
  expressions.checkUser(user)
  return user
}

function checkRequired(claims: JwtClaims, { claimValidationRules }: JwtSettings): void {
  for (const { claim, requiredValue } of claimValidationRules) {
    if (claim === '') continue
    if (claimOf(claims, claim) === undefined) {
      throw new InvalidCredentials(`oidc: required claim ${claim} not present in ID token`)
    }
    const value = textOf(claims, claim, `oidc: parse claim ${claim}`)
    if (value !== requiredValue) {
      throw new InvalidCredentials(
        `oidc: required claim ${claim} value does not match. ` +
          `Got = ${value}, want = ${requiredValue}`,
      )
    }
  }
}

function usernameOf(claims: JwtClaims, { claimMappings }: JwtSettings): string {
  const { claim, prefix = '' } = claimMappings.username
  const name = textOf(claims, claim, `oidc: parse username claims ${quote(claim)}`)
  const isVerified = claimOf(claims, 'email_verified')
  if (claim === 'email' && isVerified !== undefined && isVerified !== true) {
    throw new InvalidCredentials('oidc: email not verified')
  }
  return `${prefix}${name}`
}

function uidOf(claims: JwtClaims, { claimMappings }: JwtSettings): string {
  const { claim } = claimMappings.uid
  return claim === '' ? '' : textOf(claims, claim, `oidc: parse uid claim ${quote(claim)}`)
}

function groupsOf(claims: JwtClaims, { claimMappings }: JwtSettings): readonly string[] {
  const { claim, prefix = '' } = claimMappings.groups
  const value = claim === '' ? undefined : claimOf(claims, claim)
  if (value === undefined) return []
  const groups: readonly unknown[] = [value].flat()
  if (!groups.every((group) => typeof group === 'string')) {
    throw new InvalidCredentials(`oidc: parse groups claim ${quote(claim)}: not strings`)
  }
  return groups.map((group) => `${prefix}${group}`)
}

function credentialOf(claims: JwtClaims): NonNullable<UserInfo['extra']> {
  const id = claimOf(claims, 'jti')
  return typeof id === 'string' && id !== '' ? { [CREDENTIAL_ID]: [`JTI=${id}`] } : {}
}

function textOf(claims: JwtClaims, name: string, what: string): string {
  const value = claimOf(claims, name)
  if (value === undefined) throw new InvalidCredentials(`${what}: claim not present`)
  if (typeof value !== 'string') throw new InvalidCredentials(`${what}: not a string`)
  return value
}

/** Names of claims come from a file: what objects inherit is no claim. */
function claimOf(claims: JwtClaims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

function quote(text: string): string {
  return JSON.stringify(text)
}
