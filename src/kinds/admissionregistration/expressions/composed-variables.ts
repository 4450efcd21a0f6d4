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

/** The compiled variables of a policy, in their order: each may use those before it. */
export class ComposedVariables {
  /** Knows all that have been added, as do those that `extend` gives. */
  readonly environment: Environment
  readonly #expressions = new Map<string, Expression>()
  readonly #fields = new Map<string, DeclaredField>()

  constructor(base: Environment, specs: readonly VariableSpec[] = []) {
    this.environment = this.extend(base)
    for (const spec of specs) this.add(spec)
  }

  get expressions(): ReadonlyMap<string, Expression> {
    return this.#expressions
  }

  add({ name, expression }: VariableSpec): Expression {
    const compiled = compileExpression(this.environment, expression)
    const type = declaredAs(compiled.program?.resultType ?? DYN)
    this.#expressions.set(name, compiled)
    this.#fields.set(name, { type, isRequired: true })
    return compiled
  }

  /** Another environment, with the same variables in it. */
  extend(environment: Environment): Environment {
    const declared = declaredVariables(this.#fields)
    return environment.extend({ variables: { variables: VARIABLES_TYPE }, types: [declared] })
  }
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
