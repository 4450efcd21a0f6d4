import type { Activation } from '../../../cel/compile.ts'
import type { CelType } from '../../../cel/types.ts'
import { CelError } from '../../../cel/values/cel-error.ts'
import { CelMap, type CelValue, type Outcome } from '../../../cel/values/value.ts'
import { VARIABLES_TYPE } from '../../../kinds/admissionregistration/expressions/composed-variables.ts'
import type { Expression } from '../../../kinds/admissionregistration/expressions/expression.ts'

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
    return VARIABLES_TYPE
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
