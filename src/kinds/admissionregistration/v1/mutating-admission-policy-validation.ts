import type { CelType } from '../../../cel/types.ts'
import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { validateOneOf } from '../../core/v1/field-rules.ts'
import { expressionErrors } from '../expressions/expression-errors.ts'
import { JSON_PATCH_LIST, OBJECT_TYPE, withMutations } from '../expressions/mutation-types.ts'
import {
  type AdmissionPolicySpec,
  policyVariables,
  validatePolicyScope,
  withPolicyVariables,
} from './admission-policy-validation.ts'
import type { ParamRef } from './policy-parameters.ts'
import { validateParamRef } from './policy-parameters-validation.ts'
import { type Matching, validateMatchResources } from './rule-validation.ts'
import { validatePolicyName } from './validating-admission-policy-validation.ts'
import { REINVOCATION_POLICIES } from './webhook-configuration-validation.ts'

/** An expression, if it is said at all. */
interface Patch {
  readonly expression?: string | undefined
}

interface Mutation {
  readonly patchType: string
  readonly applyConfiguration?: Patch | undefined
  readonly jsonPatch?: Patch | undefined
}

/** In any version. */
interface Policy {
  readonly spec: AdmissionPolicySpec & {
    readonly mutations?: readonly Mutation[] | undefined
    readonly reinvocationPolicy?: string | undefined
  }
}

interface Binding {
  readonly spec: {
    readonly policyName?: string | undefined
    readonly paramRef?: ParamRef | undefined
    readonly matchResources?: Matching | undefined
  }
}

/** What is deleted cannot be changed. */
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE']
const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch']

/** Rules of a new policy. */
export function validateMutatingPolicy(policy: Policy, path: FieldPath): FieldErrors {
  return validateSpec(policy, undefined, path.child('spec'))
}

export function validateMutatingPolicyUpdate(
  policy: Policy,
  old: Policy,
  path: FieldPath,
): FieldErrors {
  return validateSpec(policy, old, path.child('spec'))
}

function* validateSpec({ spec }: Policy, old: Policy | undefined, path: FieldPath): FieldErrors {
  yield* validatePolicyScope(spec, old?.spec, path)
  yield* validateOperations(spec.matchConstraints, path.child('matchConstraints'))
  const { mutations = [], reinvocationPolicy } = spec
  if (mutations.length === 0) {
    yield required(path.child('mutations'), 'mutations must contain at least one item')
  }
  for (const [index, mutation] of mutations.entries()) {
    yield* validateMutation(mutation, spec, path.child('mutations').index(index))
  }
  yield* validateOneOf(reinvocationPolicy, REINVOCATION_POLICIES, path.child('reinvocationPolicy'))
}

function* validateOperations(matching: Matching | undefined, path: FieldPath): FieldErrors {
  for (const { operations = [] } of matching?.resourceRules ?? []) {
    for (const operation of operations) {
      if (OPERATIONS.includes(operation)) continue
      yield notSupported(path.child('resourceRules', 'operations'), operation, OPERATIONS)
    }
  }
}

function* validateMutation(
  mutation: Mutation,
  spec: AdmissionPolicySpec,
  path: FieldPath,
): FieldErrors {
  const { patchType } = mutation
  yield* validateOneOf(patchType, PATCH_TYPES, path.child('patchType'))
  if (!PATCH_TYPES.includes(patchType)) return
  const { applyConfiguration, jsonPatch } = mutation
  const applies = patchType === 'ApplyConfiguration'
  const result = applies ? OBJECT_TYPE : JSON_PATCH_LIST
  const [field, otherField] = applies
    ? (['applyConfiguration', 'jsonPatch'] as const)
    : (['jsonPatch', 'applyConfiguration'] as const)
  const [patch, other] = applies ? [applyConfiguration, jsonPatch] : [jsonPatch, applyConfiguration]
  if (patch === undefined) {
    yield required(path.child(field), `must be specified when patchType is ${patchType}`)
  } else yield* validatePatch(patch, result, spec, path.child(field, 'expression'))
  if (other !== undefined) {
    const why = `must not be specified when patchType is ${patchType}`
    yield invalid(path.child(otherField), `{${otherField}}`, why)
  }
}

function* validatePatch(
  { expression = '' }: Patch,
  result: CelType,
  spec: AdmissionPolicySpec,
  path: FieldPath,
): FieldErrors {
  const text = expression.trim()
  if (text === '') yield required(path)
  else {
    const environment = withMutations(withPolicyVariables(spec, policyVariables(spec)))
    yield* expressionErrors(environment, text, [result], path)
  }
}

/** Rules of a binding: which policy, with which parameters. */
export function* validateMutatingPolicyBinding({ spec }: Binding, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  yield* validatePolicyName(spec.policyName, specPath.child('policyName'))
  yield* validateParamRef(spec.paramRef, specPath.child('paramRef'))
  if (spec.matchResources !== undefined) {
    const resourcesPath = specPath.child('matchResources')
    yield* validateMatchResources(spec.matchResources, resourcesPath)
    yield* validateOperations(spec.matchResources, resourcesPath)
  }
}
