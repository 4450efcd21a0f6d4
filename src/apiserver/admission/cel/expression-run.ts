import type { Activation } from '../../../cel/compile.ts'
import type { CelValue } from '../../../cel/values/value.ts'
import type { Expression } from '../../../kinds/admissionregistration/expressions/expression.ts'

/** The budget of a run is spent: nothing more is evaluated. */
export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget'

  constructor() {
    super(
      'validation failed due to running out of cost budget, no further validation rules will be run',
    )
  }
}

/** What an expression gave, or why it gave nothing, in upstream's words. */
export type ExpressionResult =
  | { readonly value: CelValue; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: string }

/** Evaluates expressions one after the other on the same variables and one budget. */
export class ExpressionRun {
  readonly #activation: Activation
  readonly #spentByVariables: () => number
  #budget: number

  /** `spentByVariables` tells, and forgets, what composed variables have cost since it was asked. */
  constructor(activation: Activation, budget: number, spentByVariables: () => number = () => 0) {
    this.#activation = activation
    this.#budget = budget
    this.#spentByVariables = spentByVariables
  }

  /** What is left of the budget. */
  get budget(): number {
    return this.#budget
  }

  /** Throws OutOfBudget. */
  evaluate({ text, program, problem }: Expression): ExpressionResult {
    if (program === undefined) return { error: `compilation error: ${problem}` }
    const { value, error, cost } = program.evaluate(this.#activation)
    this.#spend(this.#spentByVariables())
    this.#spend(cost)
    if (error === undefined && value !== undefined) return { value }
    return { error: `expression '${text}' resulted in error: ${error?.message}` }
  }

  #spend(cost: number): void {
    if (cost > this.#budget) throw new OutOfBudget()
    this.#budget -= cost
  }
}
