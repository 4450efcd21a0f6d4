import type { Clock } from '../../../base/clock.ts'
import { BOOL } from '../../../cel/types.ts'
import { admissionEnvironment } from '../../../kinds/admissionregistration/expressions/admission-environment.ts'
import {
  compileExpression,
  type Expression,
} from '../../../kinds/admissionregistration/expressions/expression.ts'
import type { Authorizer } from '../../authorization/authorizer.ts'
import type {
  Conditional,
  ConditionInput,
  ConditionOutcome,
  ConditionOwner,
  MatchConditions,
} from '../dynamic/match-conditions.ts'
import { admissionValues } from './admission-values.ts'
import { Authorization } from './authorization.ts'
import type { ConditionObserver } from './condition-metrics.ts'
import { CONDITIONS_BUDGET, evaluateConditions } from './evaluate-conditions.ts'
import { ExpressionRun } from './expression-run.ts'

export interface ConditionPorts {
  readonly authorizer: Authorizer
  readonly clock: Clock
  readonly observer: ConditionObserver
}

/** The matchConditions of webhooks. */
export class CelMatchConditions implements MatchConditions {
  readonly #ports: ConditionPorts
  readonly #compiled = new WeakMap<Conditional, readonly Expression[]>()

  constructor(ports: ConditionPorts) {
    this.#ports = ports
  }

  async match(
    spec: Conditional,
    owner: ConditionOwner,
    input: ConditionInput,
  ): Promise<ConditionOutcome> {
    const { authorizer, clock, observer } = this.#ports
    const started = clock.monotonic()
    const authorization = new Authorization(authorizer, input.target)
    const expressions = this.#compile(spec)
    const outcome = await authorization.settled(() => {
      const values = admissionValues({ ...input, authorization })
      const run = new ExpressionRun({ ...values, ...authorization.values }, CONDITIONS_BUDGET)
      return evaluateConditions(expressions, run, spec.failurePolicy)
    })
    const told = { ...owner, name: spec.name, operation: input.target.operation }
    for (let count = 0; count < outcome.errorCount; count++) observer.failed(told)
    observer.evaluated(told, clock.monotonic() - started)
    if (!outcome.matches && outcome.error === undefined) observer.excluded(told)
    return outcome
  }

  #compile(spec: Conditional): readonly Expression[] {
    let compiled = this.#compiled.get(spec)
    if (compiled === undefined) {
      const environment = admissionEnvironment({ hasParams: false, hasAuthorizer: true })
      compiled = (spec.matchConditions ?? []).map(({ expression }) =>
        compileExpression(environment, expression, BOOL),
      )
      this.#compiled.set(spec, compiled)
    }
    return compiled
  }
}
