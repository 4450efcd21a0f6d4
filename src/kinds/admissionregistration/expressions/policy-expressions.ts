import type { Environment } from '../../../cel/environment.ts'
import { BOOL, STRING } from '../../../cel/types.ts'
import { admissionEnvironment } from './admission-environment.ts'
import { ANNOTATION_TYPES } from './annotation-types.ts'
import { ComposedVariables, type VariableSpec } from './composed-variables.ts'
import { compileExpression, type Expression } from './expression.ts'

/** What of a policy holds expressions; of either kind and any version. */
export interface PolicyExpressionsSpec {
  readonly paramKind?: object | undefined
  readonly variables?: readonly VariableSpec[] | undefined
  readonly matchConditions?: readonly { readonly expression: string }[] | undefined
}

/** Of a validating policy, beside that. */
export interface ValidatingExpressionsSpec extends PolicyExpressionsSpec {
  readonly validations?:
    | readonly { readonly expression: string; readonly messageExpression?: string | undefined }[]
    | undefined
  readonly auditAnnotations?: readonly { readonly valueExpression: string }[] | undefined
}

/** The environments of a policy's expressions, with its variables in them. */
export interface PolicyEnvironments {
  /** Of conditions, validations and annotations. */
  readonly usual: Environment
  /** Of messages, which cannot ask the authorizer. */
  readonly messages: Environment
}

/** The expressions that all policies have. */
export interface PolicyExpressions extends PolicyEnvironments {
  readonly variables: ReadonlyMap<string, Expression>
  readonly conditions: readonly Expression[]
}

/** The expressions of a validating policy, in the order of their fields. */
export interface ValidatingExpressions extends PolicyExpressions {
  readonly validations: readonly Expression[]
  /** By validation; undefined for one without. */
  readonly messageExpressions: readonly (Expression | undefined)[]
  readonly annotations: readonly Expression[]
}

export function policyExpressions(spec: PolicyExpressionsSpec): PolicyExpressions {
  const hasParams = spec.paramKind !== undefined
  const { variables = [], matchConditions = [] } = spec
  const composed = new ComposedVariables(
    admissionEnvironment({ hasParams, hasAuthorizer: true }),
    variables,
  )
  const messages = admissionEnvironment({ hasParams, hasAuthorizer: false })
  return {
    usual: composed.environment,
    messages: composed.extend(messages),
    variables: composed.expressions,
    conditions: matchConditions.map(({ expression }) =>
      compileExpression(composed.environment, expression, BOOL),
    ),
  }
}

export function validatingExpressions(spec: ValidatingExpressionsSpec): ValidatingExpressions {
  const policy = policyExpressions(spec)
  const { validations = [], auditAnnotations = [] } = spec
  return {
    ...policy,
    validations: validations.map(({ expression }) =>
      compileExpression(policy.usual, expression, BOOL),
    ),
    messageExpressions: validations.map(({ messageExpression = '' }) =>
      messageExpression === ''
        ? undefined
        : compileExpression(policy.messages, messageExpression, STRING),
    ),
    annotations: auditAnnotations.map(({ valueExpression }) =>
      compileExpression(policy.usual, valueExpression, ...ANNOTATION_TYPES),
    ),
  }
}
