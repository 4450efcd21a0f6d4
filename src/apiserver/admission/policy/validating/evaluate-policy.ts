import type { CelValue } from '../../../../cel/values/value.ts'
import type { ValidatingExpressions } from '../../../../kinds/admissionregistration/expressions/policy-expressions.ts'
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  Validation,
} from '../../../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import type { StatusReason } from '../../../../machinery/status-error.ts'
import { admissionValues, type EvaluationInput } from '../../cel/admission-values.ts'
import {
  CONDITIONS_BUDGET,
  type EvaluatedOutcome,
  evaluateConditions,
} from '../../cel/evaluate-conditions.ts'
import { type ExpressionResult, type ExpressionRun, OutOfBudget } from '../../cel/expression-run.ts'
import { POLICY_BUDGET, policyRun, type RunInput } from '../../cel/policy-run.ts'
import type { Decision, PolicyResult, PublishedAnnotation } from './decision.ts'

/** A longer message is left out. */
const MOST_MESSAGE_BYTES = 5 * 1024

const NOTHING: PolicyResult = { decisions: [], annotations: [], annotationErrors: [] }

/**
 * Judges a write by a policy's expressions. `onConditions` is told what became of matchConditions.
 * Everything is evaluated anew when it is called again.
 */
export function evaluatePolicy(
  policy: ValidatingAdmissionPolicy,
  expressions: ValidatingExpressions,
  input: EvaluationInput,
  onConditions: (outcome: EvaluatedOutcome) => void,
): PolicyResult {
  const { failurePolicy, validations = [], auditAnnotations = [] } = policy.spec
  const failed = (message: string): Decision =>
    failurePolicy === 'Ignore'
      ? { type: 'forgiven', message }
      : { type: 'deny', message, reason: '' }
  const { authorization } = input
  const shared = { values: admissionValues(input), authorization }
  if (expressions.conditions.length > 0) {
    const run = policyRun(expressions, shared, CONDITIONS_BUDGET)
    const outcome = evaluateConditions(expressions.conditions, run, failurePolicy)
    onConditions(outcome)
    if (outcome.error !== undefined) return only(failed(outcome.error.message))
    if (!outcome.matches) return NOTHING
  }
  try {
    const run = policyRun(expressions, shared, POLICY_BUDGET)
    const results = expressions.validations.map((expression) => run.evaluate(expression))
    const messages = evaluateMessages(expressions, shared, run.budget)
    const decisions = results.map((result, index) =>
      decide(result, validations[index] as Validation, messages[index], failed),
    )
    if (auditAnnotations.length === 0) return { ...NOTHING, decisions }
    const annotationRun = policyRun(expressions, shared, POLICY_BUDGET)
    return { decisions, ...annotate(auditAnnotations, expressions, annotationRun, failurePolicy) }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error
    return only(failed(error.message))
  }
}

function only(decision: Decision): PolicyResult {
  return { ...NOTHING, decisions: [decision] }
}

/** What the messages' expressions give; all the same error where their budget is spent. */
type Messages = readonly (ExpressionResult | OutOfBudget | undefined)[]

function evaluateMessages(
  expressions: ValidatingExpressions,
  input: RunInput,
  budget: number,
): Messages {
  const { messageExpressions } = expressions
  if (messageExpressions.every((one) => one === undefined)) return messageExpressions as Messages
  const run = policyRun(expressions, input, budget, 'nobody')
  try {
    return messageExpressions.map((expression) => expression && run.evaluate(expression))
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error
    return messageExpressions.map(() => error)
  }
}

function decide(
  { value, error }: ExpressionResult,
  validation: Validation,
  message: Messages[number],
  failed: (message: string) => Decision,
): Decision {
  if (error !== undefined) return failed(error)
  if (message instanceof OutOfBudget) return failed(`failed messageExpression: ${message.message}`)
  if (value === true) return { type: 'admit' }
  return {
    type: 'deny',
    reason: (validation.reason ?? 'Invalid') as StatusReason,
    message: messageFrom(message?.value) || usualMessage(validation),
  }
}

/** '' for what is no text, too long, or has lines. */
function messageFrom(value: CelValue | undefined): string {
  if (typeof value !== 'string') return ''
  const text = value.trim()
  return Buffer.byteLength(text) > MOST_MESSAGE_BYTES || text.includes('\n') ? '' : text
}

function usualMessage({ message = '', expression }: Validation): string {
  return message.trim() || `failed expression: ${expression.trim()}`
}

function annotate(
  specs: readonly AuditAnnotation[],
  { annotations: expressions }: ValidatingExpressions,
  run: ExpressionRun,
  failurePolicy: string,
): Pick<PolicyResult, 'annotations' | 'annotationErrors'> {
  const annotations: PublishedAnnotation[] = []
  const annotationErrors: string[] = []
  for (const [index, { key }] of specs.entries()) {
    const expression = expressions[index]
    if (expression === undefined) continue
    const { value, error } = run.evaluate(expression)
    if (error !== undefined) {
      if (failurePolicy !== 'Ignore') annotationErrors.push(error)
    } else if (typeof value === 'string' && value.trim() !== '') {
      annotations.push({ key, value: value.trim() })
    }
  }
  return { annotations, annotationErrors }
}
