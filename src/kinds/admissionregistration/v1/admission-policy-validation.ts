import type { Environment } from '../../../cel/environment.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import { type FieldErrors, type FieldPath, required } from '../../../machinery/field-error.ts'
import { validateOneOf } from '../../core/v1/field-rules.ts'
import {
  type AdmissionVariables,
  admissionEnvironment,
} from '../expressions/admission-environment.ts'
import { ComposedVariables } from '../expressions/composed-variables.ts'
import { validateMatchConditions } from './match-condition-validation.ts'
import type { MatchCondition } from './match-resources.ts'
import type { ParamKind, Variable } from './policy-parameters.ts'
import { validateParamKind, validateVariables } from './policy-parameters-validation.ts'
import { type Matching, validateMatchResources } from './rule-validation.ts'
import { FAILURE_POLICIES } from './webhook-configuration-validation.ts'

/** What validating and mutating policies have in common. */
export interface AdmissionPolicySpec {
  readonly paramKind?: ParamKind | undefined
  readonly matchConstraints?: Matching | undefined
  readonly matchConditions?: readonly MatchCondition[] | undefined
  readonly variables?: readonly Variable[] | undefined
  readonly failurePolicy: string
}

/** What a policy matches; conditions that did not change since `old` may stay as they are. */
export function* validatePolicyScope(
  spec: AdmissionPolicySpec,
  old: AdmissionPolicySpec | undefined,
  path: FieldPath,
): FieldErrors {
  const { paramKind, matchConstraints, matchConditions, variables = [] } = spec
  yield* validateOneOf(spec.failurePolicy, FAILURE_POLICIES, path.child('failurePolicy'))
  if (paramKind !== undefined) yield* validateParamKind(paramKind, path.child('paramKind'))
  const constraintsPath = path.child('matchConstraints')
  if (matchConstraints === undefined) yield required(constraintsPath)
  else {
    yield* validateMatchResources(matchConstraints, constraintsPath)
    if ((matchConstraints.resourceRules ?? []).length === 0) {
      yield required(constraintsPath.child('resourceRules'))
    }
  }
  const keepsConditions =
    old !== undefined &&
    deepEqual(paramKind, old.paramKind) &&
    deepEqual(matchConditions, old.matchConditions)
  if (!keepsConditions) {
    // They are checked without the policy's variables, though they could use them.
    const hasParams = paramKind !== undefined
    yield* validateMatchConditions(matchConditions, hasParams, path.child('matchConditions'))
  }
  const base = () => admissionEnvironment(policyVariables(spec))
  yield* validateVariables(variables, base, path.child('variables'))
}

/** What a policy's expressions may use beside its own variables. */
export function policyVariables({ paramKind }: AdmissionPolicySpec): AdmissionVariables {
  return { hasParams: paramKind !== undefined, hasAuthorizer: true }
}

/** An environment, with a policy's own variables. */
export function withPolicyVariables(
  spec: AdmissionPolicySpec,
  variables: AdmissionVariables,
): Environment {
  const base = admissionEnvironment(policyVariables(spec))
  const environment = admissionEnvironment(variables)
  const specs = spec.variables ?? []
  return specs.length === 0 ? environment : new ComposedVariables(base, specs).extend(environment)
}
