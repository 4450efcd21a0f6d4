import type { Activation } from '../../../cel/compile.ts'
import type { DeclaredField, DeclaredType } from '../../../cel/declared-type.ts'
import type { Environment } from '../../../cel/environment.ts'
import { type CelType, DYN, listOf, mapOf, objectNamed } from '../../../cel/types.ts'
import { CelError } from '../../../cel/values/cel-error.ts'
import { CelMap, type CelValue, type Outcome } from '../../../cel/values/value.ts'
import { compileExpression, type Expression } from './expression.ts'

/** A variable of a policy. */
export interface VariableSpec {
  readonly name: string
  readonly expression: string
}

const TYPE = objectNamed('kubernetes.variables')
const UNBOUNDED = Number.MAX_SAFE_INTEGER

/** The compiled variables of a policy, and the environment for what may use all of them. */
export interface ComposedVariables {
  readonly environment: Environment
  readonly expressions: ReadonlyMap<string, Expression>
}

/** Compiles variables in their order: each may use those before it. */
export function composeVariables(
  base: Environment,
  specs: readonly VariableSpec[],
): ComposedVariables {
  const fields = new Map<string, DeclaredField>()
  const expressions = new Map<string, Expression>()
  const environmentNow = () => {
    const declared = declaredVariables(new Map(fields))
    return base.extend({ variables: { variables: declared }, types: [declared] })
  }
  let environment = environmentNow()
  for (const { name, expression } of specs) {
    const compiled = compileExpression(environment, expression)
    const type = declaredAs(compiled.program?.resultType ?? DYN)
    expressions.set(name, compiled)
    fields.set(name, { type, isRequired: true })
    environment = environmentNow()
  }
  return { environment, expressions }
}

function declaredVariables(fields: ReadonlyMap<string, DeclaredField>): DeclaredType {
  return { type: TYPE, maxElements: UNBOUNDED, minSerializedSize: 0, fields }
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

/** The value of `variables`: each is evaluated when it is first asked for, and once. */
export class LazyVariables extends CelMap {
  readonly #expressions: ReadonlyMap<string, Expression>
  readonly #values = new Map<string, Outcome>()
  #activation: Activation = {}
  #cost = 0

  constructor(expressions: ReadonlyMap<string, Expression>) {
    super()
    this.#expressions = expressions
  }

  /** The variables that theirs may use; among them these themselves. */
  bind(activation: Activation): void {
    this.#activation = activation
  }

  /** What has been spent since this was asked last. */
  takeCost(): number {
    const cost = this.#cost
    this.#cost = 0
    return cost
  }

  get type(): CelType {
    return TYPE
  }

  get size(): number {
    return this.#expressions.size
  }

  keys(): Iterable<string> {
    return this.#expressions.keys()
  }

  find(name: CelValue): Outcome | undefined {
    if (typeof name !== 'string') return undefined
    let value = this.#values.get(name)
    if (value === undefined) {
      value = this.#evaluate(name)
      if (value !== undefined) this.#values.set(name, value)
    }
    return value
  }

  equals(other: CelValue): boolean {
    return other === this
  }

  toJson(): unknown {
    return undefined
  }

  #evaluate(name: string): Outcome | undefined {
    const expression = this.#expressions.get(name)
    if (expression === undefined) return undefined
    const quoted = JSON.stringify(name)
    const { program, problem } = expression
    if (program === undefined) {
      return new CelError(`composited variable ${quoted} fails to compile: ${problem}`)
    }
    const { value, error, cost } = program.evaluate(this.#activation)
    this.#cost += cost
    if (error === undefined && value !== undefined) return value
    return new CelError(`composited variable ${quoted} fails to evaluate: ${error?.message}`)
  }
}
