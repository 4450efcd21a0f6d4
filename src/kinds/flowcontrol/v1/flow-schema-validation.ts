import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { labelNameErrors, subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { FlowSchema, PolicyRulesWithSubjects, Subject } from './flow-schema.ts'
import { validateNonResourceRule, validateResourceRule } from './flow-schema-rule-validation.ts'
import { MANDATORY_SCHEMA_SPECS } from './mandatory-specs.data.ts'

const MOST_PRECEDENCE = 10_000
const METHODS = ['ByNamespace', 'ByUser']
const KINDS = ['Group', 'ServiceAccount', 'User']
const SUBJECT_FIELDS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const

/** Which requests go where; two schemas are as they are shipped. */
export function* validateFlowSchema(schema: FlowSchema, path: FieldPath): FieldErrors {
  const { metadata, spec } = schema
  const specPath = path.child('spec')
  yield* validatePrecedence(schema, specPath.child('matchingPrecedence'))
  const { distinguisherMethod: method, priorityLevelConfiguration: level } = spec
  if (method !== undefined && !METHODS.includes(method.type)) {
    yield notSupported(specPath.child('distinguisherMethod', 'type'), method, METHODS)
  }
  const levelPath = specPath.child('priorityLevelConfiguration', 'name')
  if (level.name === '') yield required(levelPath, 'must reference a priority level')
  else yield* invalids(levelPath, level.name, subdomainNameErrors(level.name, false))
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    yield* validateRule(rule, specPath.child('rules').index(index))
  }
  const { name } = metadata
  const isMandatory = name === 'exempt' || name === 'catch-all'
  if (isMandatory && !deepEqual(spec, MANDATORY_SCHEMA_SPECS[name])) {
    yield invalid(specPath, spec, `spec of '${name}' must equal the fixed value`)
  }
  yield* validateFlowConditions(schema.status.conditions, path.child('status', 'conditions'))
}

export function validateFlowSchemaStatusUpdate(
  { status }: FlowSchema,
  _old: FlowSchema,
  path: FieldPath,
): FieldErrors {
  return validateFlowConditions(status.conditions, path.child('status', 'conditions'))
}

/** One condition of each type. */
export function* validateFlowConditions(
  conditions: readonly { readonly type?: string | undefined }[] | undefined,
  path: FieldPath,
): FieldErrors {
  const seen = new Set<string>()
  for (const [index, { type = '' }] of (conditions ?? []).entries()) {
    const at = path.index(index).child('type')
    if (seen.has(type)) yield duplicate(at, type)
    seen.add(type)
    if (type === '') yield required(at)
  }
}

function* validatePrecedence({ metadata, spec }: FlowSchema, path: FieldPath): FieldErrors {
  const { matchingPrecedence: precedence } = spec
  if (precedence <= 0) yield invalid(path, precedence, 'must be a positive value')
  if (precedence > MOST_PRECEDENCE) {
    yield invalid(path, precedence, `must not be greater than ${MOST_PRECEDENCE}`)
  }
  if (precedence === 1 && metadata.name !== 'exempt') {
    const why = "only the schema named 'exempt' may have matchingPrecedence 1"
    yield invalid(path, precedence, why)
  }
}

function* validateRule(rule: PolicyRulesWithSubjects, path: FieldPath): FieldErrors {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule
  const subjectsPath = path.child('subjects')
  if (subjects.length === 0) {
    yield required(subjectsPath, 'subjects must contain at least one value')
  }
  for (const [index, subject] of subjects.entries()) {
    yield* validateSubject(subject, subjectsPath.index(index))
  }
  if (resourceRules.length + nonResourceRules.length === 0) {
    const why = 'at least one of resourceRules and nonResourceRules has to be non-empty'
    yield required(path, why)
  }
  for (const [index, one] of resourceRules.entries()) {
    yield* validateResourceRule(one, path.child('resourceRules').index(index))
  }
  for (const [index, one] of nonResourceRules.entries()) {
    yield* validateNonResourceRule(one, path.child('nonResourceRules').index(index))
  }
}

function* validateSubject(subject: Subject, path: FieldPath): FieldErrors {
  const { kind } = subject
  if (!KINDS.includes(kind)) {
    yield notSupported(path.child('kind'), kind, KINDS)
    return
  }
  const { serviceAccount, user, group } = subject
  for (const [of, field] of Object.entries(SUBJECT_FIELDS)) {
    const at = path.child(field)
    if (of === kind && subject[field] === undefined) {
      yield required(at, `${field} is required when subject kind is '${kind}'`)
    } else if (of !== kind && subject[field] !== undefined) {
      yield forbidden(at, `${field} is forbidden when subject kind is not '${of}'`)
    }
  }
  if (kind === 'User' && user?.name === '') yield required(path.child('user', 'name'))
  if (kind === 'Group' && group?.name === '') yield required(path.child('group', 'name'))
  if (kind !== 'ServiceAccount' || serviceAccount === undefined) return
  const { name, namespace } = serviceAccount
  const namePath = path.child('serviceAccount', 'name')
  if (name === '') yield required(namePath)
  else if (name !== '*') yield* invalids(namePath, name, subdomainNameErrors(name, false))
  const namespacePath = path.child('serviceAccount', 'namespace')
  if (namespace === '') yield required(namespacePath, 'must specify namespace for service account')
  else yield* invalids(namespacePath, namespace, labelNameErrors(namespace, false))
}
