import { formatError } from '../../../base/logger.ts'
import {
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  evaluateWithAuthorizer,
} from '../../../cel/authorization.ts'
import type { Activation } from '../../../cel/compile.ts'
import { resourceCheck } from '../../../cel/functions/authorization.ts'
import { parseLabelSelector, SelectorError } from '../../../machinery/label-selector.ts'
import type { Attributes, Authorizer, Decision } from '../../authorization/authorizer.ts'
import type { UserInfo } from '../../request.ts'
import type { AdmissionTarget } from '../dynamic/admission-target.ts'

/** What expressions about one write may ask the authorizer: each question is asked once. */
export class Authorization {
  readonly #authorizer: Authorizer
  readonly #target: AdmissionTarget
  readonly #answers = new Map<string, AuthorizationAnswer | Promise<AuthorizationAnswer>>()
  #values: Activation = {}

  constructor(authorizer: Authorizer, target: AdmissionTarget) {
    this.#authorizer = authorizer
    this.#target = target
  }

  /** The variables `authorizer` and `authorizer.requestResource`, while `settled` evaluates. */
  get values(): Activation {
    return this.#values
  }

  /**
   * What `evaluate` gives once all that it asks is answered. It may be called several times, and
   * must have no effects.
   */
  settled<T>(evaluate: () => T): T | Promise<T> {
    const { resource, subresource, namespace, name } = this.#target
    const about = { group: resource.group, resource: resource.resource, subresource }
    return evaluateWithAuthorizer(
      (question) => this.#answer(question),
      (authorizer) => {
        this.#values = {
          authorizer,
          'authorizer.requestResource': resourceCheck(authorizer, { ...about, namespace, name }),
        }
        return evaluate()
      },
    )
  }

  #answer(question: AuthorizationQuestion): AuthorizationAnswer | Promise<AuthorizationAnswer> {
    const key = JSON.stringify(question)
    let answer = this.#answers.get(key)
    if (answer === undefined) {
      answer = this.#ask(question)
      this.#answers.set(key, answer)
    }
    return answer
  }

  #ask(question: AuthorizationQuestion): AuthorizationAnswer | Promise<AuthorizationAnswer> {
    const { user } = this.#target.attributes
    try {
      const decision = this.#authorizer.authorize(attributesOf(question, user))
      return decision instanceof Promise ? decision.then(answerOf, failed) : answerOf(decision)
    } catch (error) {
      return failed(error)
    }
  }
}

function answerOf({ verdict, reason, error }: Decision): AuthorizationAnswer {
  return { isAllowed: verdict === 'Allow', reason, ...(error !== undefined && { error }) }
}

function failed(error: unknown): AuthorizationAnswer {
  return { isAllowed: false, reason: '', error: formatError(error) }
}

function attributesOf(question: AuthorizationQuestion, requestor: UserInfo): Attributes {
  const { verb, path, serviceAccount, group = '', resource = '', subresource = '' } = question
  const { namespace = '', name = '', fieldSelector = '', labelSelector = '' } = question
  return {
    user: serviceAccount === undefined ? requestor : userOf(serviceAccount),
    verb,
    isResourceRequest: path === undefined,
    ...{ group, version: '*', resource, subresource, namespace, name },
    path: path ?? '',
    fieldSelector,
    labelSelector: isLabelSelector(labelSelector) ? labelSelector : '',
  }
}

function userOf({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  }
}

function isLabelSelector(text: string): boolean {
  try {
    parseLabelSelector(text)
    return true
  } catch (error) {
    if (error instanceof SelectorError) return false
    throw error
  }
}
