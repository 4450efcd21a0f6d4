import type { Logger } from '../../base/logger.ts'
import type { UserInfo } from '../request.ts'
import type { Authenticated, TokenAuthenticator } from './authenticator.ts'
import { parseCsv } from './csv.ts'

/**
 * The users of a `--token-auth-file`: lines of token, user name, uid and, if need be, a quoted list
 * of groups. Throws for a line that lacks one of the first three.
 */
export function parseTokenFile(
  text: string,
  path: string,
  logger: Logger,
): ReadonlyMap<string, UserInfo> {
  const users = new Map<string, UserInfo>()
  for (const [index, record] of parseCsv(text).entries()) {
    const [token, name, uid, groups] = record
    if (token === undefined || name === undefined || uid === undefined) {
      throw new Error(
        `token file '${path}' must have at least 3 columns (token, user name, user uid), ` +
          `found ${record.length}`,
      )
    }
    const place = { path, record: index + 1 }
    if (token === '') {
      logger.error('a token file has an empty token', place)
      continue
    }
    if (users.has(token)) logger.error('a token file has a token twice', place)
    users.set(token, { name, uid, groups: groups?.split(',') ?? [] })
  }
  return users
}

/** Users with a token that stands in a file; the file is read once, at the start. */
export class TokenFileAuthenticator implements TokenAuthenticator {
  readonly #users: ReadonlyMap<string, UserInfo>

  constructor(users: ReadonlyMap<string, UserInfo>) {
    this.#users = users
  }

  async authenticateToken(token: string): Promise<Authenticated | undefined> {
    const user = this.#users.get(token)
    return user === undefined ? undefined : { user }
  }
}
