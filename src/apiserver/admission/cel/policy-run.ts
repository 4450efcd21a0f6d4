import type { Activation } from '../../../cel/compile.ts'
import type { PolicyExpressions } from '../../../kinds/admissionregistration/expressions/policy-expressions.ts'
import type { Authorization } from './authorization.ts'
import { ExpressionRun } from './expression-run.ts'
import { LazyVariables } from './lazy-variables.ts'

/** What all expressions of a policy may cost together, for one binding and parameter. */
export const POLICY_BUDGET = 10_000_000

/** What the runs of one evaluation have in common. */
export interface RunInput {
  /** As `admissionValues` gives them. */
  readonly values: Activation
  readonly authorization: Authorization
}

/** A run of a policy's expressions: its variables are evaluated when they are first asked for. */
export function policyRun(
  { variables }: PolicyExpressions,
  { values, authorization }: RunInput,
  budget: number,
  mayAsk: 'authorizer' | 'nobody' = 'authorizer',
): ExpressionRun {
  const composed = new LazyVariables(variables)
  const activation = {
    ...values,
    ...(mayAsk === 'authorizer' && authorization.values),
    variables: composed,
  }
  composed.bind(activation)
  return new ExpressionRun(activation, budget, () => composed.takeCost())
}
