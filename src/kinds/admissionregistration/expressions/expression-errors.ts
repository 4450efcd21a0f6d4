import type { Environment } from '../../../cel/environment.ts'
import type { CelType } from '../../../cel/types.ts'
import { type FieldErrors, type FieldPath, invalid } from '../../../machinery/field-error.ts'
import { compileExpression, type Expression } from './expression.ts'

/** What is wrong with an expression that must give one of these types; any where none is named. */
export function* expressionErrors(
  environment: Environment,
  text: string,
  allowed: readonly CelType[],
  path: FieldPath,
  shown = text,
): FieldErrors {
  yield* errorsOfExpression(compileExpression(environment, text, ...allowed), shown, path)
}

/** What is wrong with one that has been compiled already. */
export function* errorsOfExpression(
  { problem, isInternal }: Expression,
  shown: string,
  path: FieldPath,
): FieldErrors {
  if (problem === undefined) return
  if (isInternal === true) {
    yield { reason: 'InternalError', field: `${path}`, message: `Internal error: ${problem}` }
  } else yield invalid(path, shown, problem)
}
