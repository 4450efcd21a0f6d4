import { BOOL } from '../../../cel/types.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  required,
  tooMany,
} from '../../../machinery/field-error.ts'
import { validateQualifiedName } from '../../core/v1/field-rules.ts'
import { admissionEnvironment } from '../expressions/admission-environment.ts'
import { expressionErrors } from '../expressions/expression-errors.ts'
import type { MatchCondition } from './match-resources.ts'

const MOST_CONDITIONS = 64

/** Named expressions, each name once; those of policies with parameters may use them. */
export function* validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  hasParams: boolean,
  path: FieldPath,
): FieldErrors {
  const environment = () => admissionEnvironment({ hasParams, hasAuthorizer: true })
  const seen = new Set<string>()
  const count = conditions?.length ?? 0
  if (count > MOST_CONDITIONS) yield tooMany(path, count, MOST_CONDITIONS)
  for (const [index, { name, expression }] of (conditions ?? []).entries()) {
    const at = path.index(index)
    const text = expression.trim()
    if (text === '') yield required(at.child('expression'))
    else yield* expressionErrors(environment(), text, [BOOL], at.child('expression'))
    if (name === '') {
      yield required(at.child('name'))
      continue
    }
    yield* validateQualifiedName(name, at.child('name'))
    if (seen.has(name)) yield duplicate(at.child('name'), name)
    seen.add(name)
  }
}
