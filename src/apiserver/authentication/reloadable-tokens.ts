import {
  type Authenticated,
  type TokenAuthenticator,
  UnionTokenAuthenticator,
} from './authenticator.ts'

/** Sorts of tokens that can be exchanged for others while requests are authenticated. */
export class ReloadableTokens implements TokenAuthenticator {
  #current: TokenAuthenticator

  constructor(authenticators: readonly TokenAuthenticator[]) {
    this.#current = new UnionTokenAuthenticator(authenticators)
  }

  /** Whose tokens are taken from now on. */
  replace(authenticators: readonly TokenAuthenticator[]): void {
    this.#current = new UnionTokenAuthenticator(authenticators)
  }

  authenticateToken(
    token: string,
    audiences: readonly string[],
  ): Promise<Authenticated | undefined> {
    return this.#current.authenticateToken(token, audiences)
  }
}
