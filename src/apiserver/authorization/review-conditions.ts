import type { Clock } from '../../base/clock.ts'
import { listType, mapType, objectOf, STRING_TYPE } from '../../cel/declared-types.ts'
import { KUBERNETES_ENVIRONMENT } from '../../cel/kubernetes-environment.ts'
import { BOOL } from '../../cel/types.ts'
import {
  compileExpression,
  type Expression,
} from '../../kinds/admissionregistration/expressions/expression.ts'
import { joinErrors } from '../../machinery/join-errors.ts'
import type { Attributes } from './authorizer.ts'
import type { AuthorizerObserver } from './authorizer-observer.ts'
import { completeReviewSpec } from './review-spec.ts'

/** Whether an authorizer is asked; with an error that is not known. */
export interface ConditionMatch {
  readonly matches: boolean
  readonly error?: string
}

const UNBOUNDED = Number.MAX_SAFE_INTEGER

const TEXTS = listType(STRING_TYPE, UNBOUNDED)

const REQUIREMENTS = listType(
  objectOf('kubernetes.SelectorRequirement', {
    key: STRING_TYPE,
    operator: STRING_TYPE,
    values: TEXTS,
  }),
  UNBOUNDED,
)

const SELECTOR = { rawSelector: STRING_TYPE, requirements: REQUIREMENTS }

const REQUEST_TYPE = objectOf('kubernetes.SubjectAccessReviewSpec', {
  resourceAttributes: objectOf('kubernetes.ResourceAttributes', {
    namespace: STRING_TYPE,
    verb: STRING_TYPE,
    group: STRING_TYPE,
    version: STRING_TYPE,
    resource: STRING_TYPE,
    subresource: STRING_TYPE,
    name: STRING_TYPE,
    fieldSelector: objectOf('kubernetes.FieldSelectorAttributes', SELECTOR),
    labelSelector: objectOf('kubernetes.LabelSelectorAttributes', SELECTOR),
  }),
  nonResourceAttributes: objectOf('kubernetes.NonResourceAttributes', {
    path: STRING_TYPE,
    verb: STRING_TYPE,
  }),
  user: STRING_TYPE,
  groups: TEXTS,
  extra: mapType(TEXTS, UNBOUNDED),
  uid: STRING_TYPE,
})

const ENVIRONMENT = KUBERNETES_ENVIRONMENT.extend({
  // By its type alone: its JSON is read as it is.
  variables: { request: REQUEST_TYPE.type },
  types: [REQUEST_TYPE],
})

/** Compiles a condition on what a webhook is asked. */
export function compileReviewCondition(text: string): Expression {
  return compileExpression(ENVIRONMENT, text, BOOL)
}

/** Which requests an authorizer is asked about. */
export class ReviewConditions {
  readonly #name: string
  readonly #conditions: readonly Expression[]
  readonly #clock: Clock
  readonly #observer: AuthorizerObserver

  /** `name`: of the authorizer. */
  constructor(
    name: string,
    expressions: readonly string[],
    { clock, observer }: { readonly clock: Clock; readonly observer: AuthorizerObserver },
  ) {
    this.#name = name
    this.#conditions = expressions.map(compileReviewCondition)
    this.#clock = clock
    this.#observer = observer
  }

  /** One that is false decides, whatever errors others have met. */
  match(attributes: Attributes): ConditionMatch {
    const started = this.#clock.monotonic()
    const errors: string[] = []
    const isExcluded = this.#isExcluded(attributes, errors)
    const observer = this.#observer
    if (isExcluded) observer.conditionsExcluded(this.#name)
    observer.conditionsEvaluated(this.#name, this.#clock.monotonic() - started)
    if (errors.length > 0) observer.conditionsFailed(this.#name)
    if (isExcluded || errors.length === 0) return { matches: !isExcluded }
    return { matches: false, error: joinErrors(errors) }
  }

  #isExcluded(attributes: Attributes, errors: string[]): boolean {
    const variables = { request: completeReviewSpec(attributes) }
    for (const { text, program, problem } of this.#conditions) {
      const result = program?.evaluate(variables)
      if (result?.value === false) return true
      if (result?.value === true) continue
      const why = result?.error?.message ?? problem
      errors.push(`cel evaluation error: expression '${text}' resulted in error: ${why}`)
    }
    return false
  }
}
