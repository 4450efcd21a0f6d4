import type { DeclaredField, DeclaredType } from '../../../cel/declared-type.ts'
import type { Environment } from '../../../cel/environment.ts'
import { type CelType, DYN, listOf, mapOf, objectNamed } from '../../../cel/types.ts'
import { compileExpression, type Expression } from './expression.ts'

/** A variable of a policy. */
export interface VariableSpec {
  readonly name: string
  readonly expression: string
}

/** The type of `variables`. */
export const VARIABLES_TYPE = objectNamed('kubernetes.variables')
const UNBOUNDED = Number.MAX_SAFE_INTEGER

/** The compiled variables of a policy, and how environments get to know all of them. */
export interface ComposedVariables {
  readonly environment: Environment
  readonly expressions: ReadonlyMap<string, Expression>
  /** Another environment, with the same variables in it. */
  extend(environment: Environment): Environment
}

/** Compiles variables in their order: each may use those before it. */
export function composeVariables(
  base: Environment,
  specs: readonly VariableSpec[],
): ComposedVariables {
  const fields = new Map<string, DeclaredField>()
  const expressions = new Map<string, Expression>()
  const extend = (environment: Environment) => {
    const declared = declaredVariables(new Map(fields))
    return environment.extend({ variables: { variables: VARIABLES_TYPE }, types: [declared] })
  }
  for (const { name, expression } of specs) {
    const compiled = compileExpression(extend(base), expression)
    const type = declaredAs(compiled.program?.resultType ?? DYN)
    expressions.set(name, compiled)
    fields.set(name, { type, isRequired: true })
  }
  return { environment: extend(base), expressions, extend }
}

function declaredVariables(fields: ReadonlyMap<string, DeclaredField>): DeclaredType {
  return { type: VARIABLES_TYPE, maxElements: UNBOUNDED, minSerializedSize: 0, fields }
}

/** Scalars, lists and maps keep their types; of all else nothing is known. */
function declaredAs(type: CelType): DeclaredType {
  const bounds = { maxElements: UNBOUNDED, minSerializedSize: 0 }
  const [first = DYN, second = DYN] = type.parameters
  switch (type.kind) {
    case 'list': {
      const elements = declaredAs(first)
      return { ...bounds, type: listOf(elements.type), elements }
    }
    case 'map': {
      const keys = declaredAs(first)
      const elements = declaredAs(second)
      return { ...bounds, type: mapOf(keys.type, elements.type), keys, elements }
    }
    case 'object':
    case 'opaque':
    case 'type':
    case 'parameter':
    case 'error':
      return { ...bounds, type: DYN }
    default:
      return { ...bounds, type }
  }
}
