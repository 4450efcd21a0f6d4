import type { Expression } from '../../../kinds/admissionregistration/expressions/expression.ts'
import { joinErrors } from '../../../machinery/join-errors.ts'
import type { ConditionOutcome } from '../dynamic/match-conditions.ts'
import { type ExpressionRun, OutOfBudget } from './expression-run.ts'

/** The budget of all conditions of one webhook or policy together. */
export const CONDITIONS_BUDGET = 2_500_000

/** What became of conditions, and how many of them met an error. */
export interface EvaluatedOutcome extends ConditionOutcome {
  readonly errorCount: number
}

/**
 * Whether all conditions hold. One that is false decides, whatever errors the others have met; with
 * errors alone the failure policy decides: to fail, or to leave the write alone.
 */
export function evaluateConditions(
  conditions: readonly Expression[],
  run: ExpressionRun,
  failurePolicy: string | undefined,
): EvaluatedOutcome {
  const errors: string[] = []
  let isExcluded = false
  try {
    for (const condition of conditions) {
      const { value, error } = run.evaluate(condition)
      if (isExcluded) continue
      if (error !== undefined) errors.push(error)
      else if (value === false) isExcluded = true
    }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error
    return failurePolicy === 'Ignore'
      ? { matches: false, errorCount: 0 }
      : { matches: false, error, errorCount: 0 }
  }
  const errorCount = errors.length
  if (isExcluded || (errorCount > 0 && failurePolicy === 'Ignore')) {
    return { matches: false, errorCount }
  }
  if (errorCount === 0) return { matches: true, errorCount }
  return { matches: false, error: new Error(joinErrors(errors)), errorCount }
}
