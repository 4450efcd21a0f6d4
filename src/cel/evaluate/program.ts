import type { CheckedExpr } from '../check/checker.ts'
import { type Activation, type Evaluation, PER_CALL_COST_LIMIT, type Program } from '../compile.ts'
import { type CostRange, estimateCost } from '../cost/estimate.ts'
import type { DeclaredType, JsonShape } from '../declared-type.ts'
import type { Environment } from '../environment.ts'
import { type CelType, DYN } from '../types.ts'
import { CelError } from '../values/cel-error.ts'
import { readJson } from '../values/read-json.ts'
import { CelObject, type Outcome } from '../values/value.ts'
import { CostLimitExceeded, Frame } from './frame.ts'
import type { Plan } from './plan.ts'

/** A variable that a program uses: where it goes, and what a schema says of it. */
interface Input {
  readonly name: string
  readonly slot: number
  readonly declared: DeclaredType | undefined
}

/** A program as `compile` makes it; it does not keep the environment, which is large. */
export class CompiledProgram implements Program {
  readonly expression: string
  readonly resultType: CelType
  readonly references: ReadonlySet<string>
  readonly #checked: CheckedExpr
  readonly #plan: Plan
  readonly #inputs: readonly Input[]

  constructor(expression: string, checked: CheckedExpr, plan: Plan, environment: Environment) {
    this.expression = expression
    this.resultType = checked.types.get(checked.root) ?? DYN
    this.references = new Set(Array.from(checked.references.values(), ({ name }) => name))
    this.#checked = checked
    this.#plan = plan
    this.#inputs = Array.from(plan.variables, ([name, slot]) => {
      return { name, slot, declared: environment.declaredType(name) }
    })
  }

  estimateCost(roots?: Readonly<Record<string, DeclaredType>>): CostRange {
    const rootOf = (name: string) =>
      roots === undefined
        ? this.#inputs.find((input) => input.name === name)?.declared
        : roots[name]
    return estimateCost(this.#checked, rootOf)
  }

  evaluate(variables: Activation, costLimit = PER_CALL_COST_LIMIT): Evaluation {
    const slots: Outcome[] = new Array(this.#plan.slotCount).fill(null)
    for (const { name, slot, declared } of this.#inputs) {
      slots[slot] = read(name, variables[name], declared?.shape)
    }
    const frame = new Frame(slots, costLimit)
    try {
      const value = this.#plan.step(frame)
      if (value instanceof CelError) return { error: value, cost: frame.cost }
      return { value, cost: frame.cost }
    } catch (error) {
      if (!(error instanceof CostLimitExceeded)) throw error
      return { error: new CelError(error.message), isCostExceeded: true, cost: frame.cost }
    }
  }
}

function read(name: string, raw: unknown, shape: JsonShape | undefined): Outcome {
  if (raw instanceof CelObject || raw instanceof CelError) return raw
  if (raw === undefined) return new CelError(`no such attribute(s): ${name}`)
  return readJson(raw, shape)
}
