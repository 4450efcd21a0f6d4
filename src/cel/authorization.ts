import { AuthorizerValue } from './functions/authorization.ts'

/** What an expression asks the authorizer; parts that it does not name are not there. */
export interface AuthorizationQuestion {
  readonly verb: string
  /** Who would do it; without, whoever made the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string } | undefined
  /** Of a question about a path; the others are about resources, of any version. */
  readonly path?: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  /** As written; a selector that cannot be parsed is none. */
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

export interface AuthorizationAnswer {
  readonly isAllowed: boolean
  readonly reason: string
  /** Why there is no decision. */
  readonly error?: string
}

/** Answers the questions of expressions, at once or later. */
export type AuthorizationPort = (
  question: AuthorizationQuestion,
) => AuthorizationAnswer | Promise<AuthorizationAnswer>

/** Thrown out of an evaluation that needs an answer which is still to come. */
class AnswerPending extends Error {
  override readonly name = 'AnswerPending'
  readonly arrival: Promise<void>

  constructor(arrival: Promise<void>) {
    super('an authorization is still to be decided')
    this.arrival = arrival
  }
}

/** The answers of one evaluation: each question is asked once. */
export class Decisions {
  readonly #ask: AuthorizationPort
  readonly #answers = new Map<string, AuthorizationAnswer>()

  constructor(ask: AuthorizationPort) {
    this.#ask = ask
  }

  /** The answer; throws what `evaluateWithAuthorizer` waits for when there is none yet. */
  decide(question: AuthorizationQuestion): AuthorizationAnswer {
    const key = JSON.stringify(question)
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    const answer = this.#ask(question)
    if (answer instanceof Promise) {
      const arrival = answer.then((arrived) => {
        this.#answers.set(key, arrived)
      })
      throw new AnswerPending(arrival)
    }
    this.#answers.set(key, answer)
    return answer
  }
}

/**
 * Evaluates with a value for the variable `authorizer`. When an answer is still to come, what was
 * evaluated is given up, the answer awaited and all evaluated anew: `evaluate` must have no effects.
 * The result is there at once as long as the port answers at once.
 */
export function evaluateWithAuthorizer<T>(
  ask: AuthorizationPort,
  evaluate: (authorizer: AuthorizerValue) => T,
): T | Promise<T> {
  const authorizer = new AuthorizerValue(new Decisions(ask))
  const attempt = (): T | Promise<T> => {
    try {
      return evaluate(authorizer)
    } catch (error) {
      if (error instanceof AnswerPending) return error.arrival.then(attempt)
      throw error
    }
  }
  return attempt()
}
