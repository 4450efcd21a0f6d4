import type { Environment } from '../../../cel/environment.ts'
import { BOOL, STRING } from '../../../cel/types.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateQualifiedName } from '../../core/v1/field-rules.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import { ANNOTATION_TYPES } from '../expressions/annotation-types.ts'
import { expressionErrors } from '../expressions/expression-errors.ts'
import { validatePolicyScope, withPolicyVariables } from './admission-policy-validation.ts'
import { validateParamRef } from './policy-parameters-validation.ts'
import { validateMatchResources } from './rule-validation.ts'
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  Validation,
} from './validating-admission-policy.ts'
import type { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts'

type Policy = ValidatingAdmissionPolicy

const MOST_ANNOTATIONS = 20
const MOST_EXPRESSION_BYTES = 5 * 1024
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const ACTIONS = ['Audit', 'Deny', 'Warn']

/** Rules of a new policy. */
export function validatePolicy(policy: Policy, path: FieldPath): FieldErrors {
  return validateSpec(policy, undefined, path.child('spec'))
}

export function validatePolicyUpdate(policy: Policy, old: Policy, path: FieldPath): FieldErrors {
  return validateSpec(policy, old, path.child('spec'))
}

/** What type checking found is said with the field it is about. */
export function* validatePolicyStatusUpdate(
  { status }: Policy,
  _old: Policy,
  path: FieldPath,
): FieldErrors {
  const warnings = status.typeChecking?.expressionWarnings ?? []
  for (const [index, { warning, fieldRef }] of warnings.entries()) {
    const at = path.child('status', 'typeChecking', 'expressionWarnings').index(index)
    if (warning === '') yield required(at.child('warning'))
    if (fieldRef.trim() === '') yield required(at.child('fieldRef'))
  }
  yield* validateMetaConditions(status.conditions, path.child('status', 'conditions'))
}

function* validateSpec(policy: Policy, old: Policy | undefined, path: FieldPath): FieldErrors {
  const { validations = [], auditAnnotations = [] } = policy.spec
  yield* validatePolicyScope(policy.spec, old?.spec, path)
  const annotationsPath = path.child('auditAnnotations')
  if (validations.length + auditAnnotations.length === 0) {
    const why = 'validations or auditAnnotations must contain at least one item'
    yield required(path.child('validations'), why)
    yield required(annotationsPath, why)
    return
  }
  const environments = environmentsOf(policy.spec)
  for (const [index, validation] of validations.entries()) {
    yield* validateValidation(validation, environments, path.child('validations').index(index))
  }
  if (auditAnnotations.length > MOST_ANNOTATIONS) {
    const why = `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`
    yield invalid(annotationsPath, auditAnnotations.map(annotationValue), why)
  }
  const seen = new Set<string>()
  for (const [index, annotation] of auditAnnotations.entries()) {
    const at = annotationsPath.index(index)
    yield* validateAnnotation(annotation, policy.metadata.name, environments, at)
    if (seen.has(annotation.key)) yield duplicate(at.child('key'), annotation.key)
    seen.add(annotation.key)
  }
}

/** An annotation as error texts print it: upstream's fields have these names inside. */
function annotationValue({ key, valueExpression }: AuditAnnotation) {
  return { Key: key, ValueExpression: valueExpression }
}

/** What the expressions of a policy may use, made when the first of them is checked. */
interface Environments {
  usual(): Environment
  messages(): Environment
}

function environmentsOf(spec: Policy['spec']): Environments {
  const hasParams = spec.paramKind !== undefined
  let usual: Environment | undefined
  let messages: Environment | undefined
  return {
    usual() {
      usual ??= withPolicyVariables(spec, { hasParams, hasAuthorizer: true })
      return usual
    },
    messages() {
      messages ??= withPolicyVariables(spec, { hasParams, hasAuthorizer: false })
      return messages
    },
  }
}

function* validateValidation(
  validation: Validation,
  environments: Environments,
  path: FieldPath,
): FieldErrors {
  const { expression, message = '', messageExpression = '', reason } = validation
  const expressionPath = path.child('expression')
  if (expression.trim() === '') yield required(expressionPath, 'expression is not specified')
  else yield* expressionErrors(environments.usual(), expression, [BOOL], expressionPath)
  const filled = 'must be non-empty if specified'
  const messagePath = path.child('messageExpression')
  if (messageExpression.trim() !== '') {
    yield* expressionErrors(environments.messages(), messageExpression, [STRING], messagePath)
  } else if (messageExpression !== '') yield invalid(messagePath, messageExpression, filled)
  if (message !== '' && message.trim() === '') {
    yield invalid(path.child('message'), message, filled)
  } else if (/[\n\r]/.test(message.trim())) {
    yield invalid(path.child('message'), message, 'must not contain line breaks')
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    yield notSupported(path.child('reason'), reason, REASONS)
  }
}

/** The policy's name is the prefix under which its annotations stand. */
function* validateAnnotation(
  { key, valueExpression }: AuditAnnotation,
  policyName: string,
  environments: Environments,
  path: FieldPath,
): FieldErrors {
  const keyPath = path.child('key')
  if (policyName) yield* validateQualifiedName(`${policyName}/${key}`, keyPath)
  else yield invalid(keyPath, key, 'requires metadata.name be non-empty')
  const expression = valueExpression.trim()
  const at = path.child('valueExpression')
  if (expression === '') yield required(at, 'valueExpression is not specified')
  else if (Buffer.byteLength(expression) > MOST_EXPRESSION_BYTES) {
    yield required(at, `must not exceed ${MOST_EXPRESSION_BYTES} bytes in length`)
  } else {
    yield* expressionErrors(environments.usual(), expression, ANNOTATION_TYPES, at, valueExpression)
  }
}

/** Rules of a binding: which policy, with which parameters, and what a failure does. */
export function* validatePolicyBinding(
  { spec }: ValidatingAdmissionPolicyBinding,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  yield* validatePolicyName(spec.policyName, specPath.child('policyName'))
  yield* validateParamRef(spec.paramRef, specPath.child('paramRef'))
  if (spec.matchResources !== undefined) {
    yield* validateMatchResources(spec.matchResources, specPath.child('matchResources'))
  }
  yield* validateActions(spec.validationActions, specPath.child('validationActions'))
}

export function* validatePolicyName(name: string | undefined, path: FieldPath): FieldErrors {
  if (!name) yield required(path)
  else yield* invalids(path, name, subdomainNameErrors(name, false))
}

function* validateActions(actions: readonly string[], path: FieldPath): FieldErrors {
  const repeated = repeatedPlaces(actions)
  for (const [index, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) yield notSupported(path.index(index), action, ACTIONS)
    if (repeated.has(index)) yield duplicate(path.index(index), action)
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in ' +
      'the API response and headers serves no purpose)'
    yield invalid(path, actions, why)
  }
  if (actions.length === 0) yield required(path, 'at least one validation action is required')
}
