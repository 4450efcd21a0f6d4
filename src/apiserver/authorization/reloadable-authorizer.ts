import type { Attributes, Authorizer, Decision } from './authorizer.ts'
import type { RuleResolver } from './rule-resolver.ts'

/** What decides, and says what it lets somebody do. */
export interface Chain {
  readonly authorizer: Authorizer
  readonly rules: RuleResolver
}

/** A chain of authorizers that can be exchanged for another one while it is asked. */
export class ReloadableAuthorizer implements Authorizer, RuleResolver {
  #chain: Chain

  constructor(chain: Chain) {
    this.#chain = chain
  }

  /** Who is asked from now on; those who are asked already give their answers. */
  replace(chain: Chain): void {
    this.#chain = chain
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    return this.#chain.authorizer.authorize(attributes)
  }

  rulesFor: RuleResolver['rulesFor'] = (...asked) => this.#chain.rules.rulesFor(...asked)
}
