import type { Attributes, Authorizer, Decision } from './authorizer.ts'
import type { AuthorizerObserver } from './authorizer-observer.ts'

/** An authorizer whose opinions are told to an observer. */
export class ObservedAuthorizer implements Authorizer {
  readonly #authorizer: Authorizer
  readonly #type: string
  readonly #name: string
  readonly #observer: AuthorizerObserver

  constructor(
    authorizer: Authorizer,
    { type, name }: { readonly type: string; readonly name: string },
    observer: AuthorizerObserver,
  ) {
    this.#authorizer = authorizer
    this.#type = type
    this.#name = name
    this.#observer = observer
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    const answer = this.#authorizer.authorize(attributes)
    return answer instanceof Promise
      ? answer.then((decision) => this.#told(decision))
      : this.#told(answer)
  }

  #told(decision: Decision): Decision {
    const { verdict } = decision
    if (verdict !== 'NoOpinion') {
      this.#observer.decided(this.#type, this.#name, verdict === 'Allow' ? 'allowed' : 'denied')
    }
    return decision
  }
}
