import { deepEqual } from '../../../machinery/deep-equal.ts'
import { type FieldErrors, type FieldPath, required } from '../../../machinery/field-error.ts'
import { validateOneOf } from '../../core/v1/field-rules.ts'
import { validateMatchConditions } from './match-condition-validation.ts'
import type { MatchCondition } from './match-resources.ts'
import type { ParamKind, Variable } from './policy-parameters.ts'
import { validateParamKind, validateVariable } from './policy-parameters-validation.ts'
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
    yield* validateMatchConditions(matchConditions, path.child('matchConditions'))
  }
  for (const [index, variable] of variables.entries()) {
    yield* validateVariable(variable, path.child('variables').index(index))
  }
}
