import { parseTime, TimeSyntaxError } from '../../../machinery/time.ts'
import type { Secret } from './secret.ts'

/** The type of secrets that hold a token for machines that join. */
export const BOOTSTRAP_TOKEN_TYPE = 'bootstrap.kubernetes.io/token'
/** The token's id follows: `bootstrap-token-abcdef`. */
export const BOOTSTRAP_TOKEN_PREFIX = 'bootstrap-token-'
/** Every bearer of such a token is a member. */
const BOOTSTRAPPERS_GROUP = 'system:bootstrappers'

const NAME = /^bootstrap-token-([a-z0-9]{6})$/
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

type DataOf = Pick<Secret, 'data'>

/** One value of the secret as text; '' where there is none. */
export function bootstrapTokenField({ data }: DataOf, key: string): string {
  return Buffer.from(data?.[key] ?? '', 'base64').toString()
}

/**
 * When the token ends, in wall-clock milliseconds. Infinity for one that never does; one whose end
 * cannot be read has ended.
 */
export function bootstrapTokenExpiry(secret: DataOf): number {
  const text = bootstrapTokenField(secret, 'expiration')
  if (text === '') return Number.POSITIVE_INFINITY
  try {
    return parseTime(text)
  } catch (error) {
    if (error instanceof TimeSyntaxError) return Number.NEGATIVE_INFINITY
    throw error
  }
}

/** The id that a secret's name promises; undefined for other names. */
export function bootstrapTokenIdOfName(name: string): string | undefined {
  return NAME.exec(name)?.[1]
}

/** The groups of the token's bearer, sorted; a text says why they are not valid. */
export function bootstrapTokenGroups(secret: DataOf): readonly string[] | string {
  const extra = bootstrapTokenField(secret, 'auth-extra-groups')
  if (extra === '') return [BOOTSTRAPPERS_GROUP]
  const groups = extra.split(',')
  const wrong = groups.find((group) => !EXTRA_GROUP.test(group))
  if (wrong !== undefined) {
    const pattern = '\\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\\z'
    return `bootstrap group ${JSON.stringify(wrong)} is invalid (must match ${pattern})`
  }
  return [...new Set([BOOTSTRAPPERS_GROUP, ...groups])].toSorted()
}
