import type { PolicyExpressions } from '../../../kinds/admissionregistration/expressions/policy-expressions.ts'
import { admissionValues, type EvaluationInput } from './admission-values.ts'
import { ExpressionRun } from './expression-run.ts'
import { LazyVariables } from './lazy-variables.ts'

/** What all expressions of a policy may cost together, for one binding and parameter. */
export const POLICY_BUDGET = 10_000_000

/** A run of a policy's expressions: its variables are evaluated when they are first asked for. */
export function policyRun(
  { variables }: PolicyExpressions,
  input: EvaluationInput,
  budget: number,
  mayAsk: 'authorizer' | 'nobody' = 'authorizer',
): ExpressionRun {
  const composed = new LazyVariables(variables)
  const activation = {
    ...admissionValues(input),
    ...(mayAsk === 'authorizer' && input.authorization.values),
    variables: composed,
  }
  composed.bind(activation)
  return new ExpressionRun(activation, budget, () => composed.takeCost())
}
