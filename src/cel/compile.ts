import { checkExpression } from './check/checker.ts'
import { validateFormats } from './check/validate-formats.ts'
import { validateLiterals } from './check/validate-literals.ts'
import type { CostRange } from './cost/estimate.ts'
import type { DeclaredType } from './declared-type.ts'
import type { Environment } from './environment.ts'
import { PlanError, planExpression } from './evaluate/plan.ts'
import { CompiledProgram } from './evaluate/program.ts'
import { parseExpression } from './syntax/parser.ts'
import { formatIssues, type Issue } from './syntax/source.ts'
import type { CelType } from './types.ts'
import type { CelError } from './values/cel-error.ts'
import type { CelValue } from './values/value.ts'

/** The most that one evaluation may cost (upstream's PerCallLimit). */
export const PER_CALL_COST_LIMIT = 1_000_000

/**
 * The values of variables by name. A value is the JSON of the declared type, as it is stored, or a
 * `CelValue` (an optional, an object that computes its fields when they are asked for).
 */
export type Activation = Readonly<Record<string, unknown>>

/** What came of an evaluation, and what it cost. */
export interface Evaluation {
  /** Absent when there is an error. */
  readonly value?: CelValue
  /** Its message is upstream's: `no such key: x`, `division by zero`. */
  readonly error?: CelError
  /** Whether the error is that the cost went past the limit. */
  readonly isCostExceeded?: true
  readonly cost: number
}

/** A checked expression, ready to be evaluated any number of times. */
export interface Program {
  readonly expression: string
  readonly resultType: CelType
  /** The names of the variables, types and functions that it refers to. */
  readonly references: ReadonlySet<string>
  /**
   * What an evaluation can cost, given what is known of the sizes of variables: `roots` has for a
   * variable's name its schema, by default that of the environment; what has none is unbounded.
   */
  estimateCost(roots?: Readonly<Record<string, DeclaredType>>): CostRange
  /** Evaluates it; never throws for what the expression does. */
  evaluate(variables: Activation, costLimit?: number): Evaluation
}

/** Why an expression is no program: its text, or (`program`) literals in it that cannot work. */
export interface CompileFailure {
  readonly program?: undefined
  readonly stage: 'compile' | 'program'
  /**
   * Upstream's text: `ERROR: <input>:1:6: ...` with the snippet. Field errors put `compilation
   * failed: ` or, of the stage `program`, `program instantiation failed: ` before it.
   */
  readonly errors: string
}

export interface Compiled {
  readonly program: Program
  readonly errors?: undefined
}

export type CompileResult = Compiled | CompileFailure

/** Parses, checks and compiles an expression for an environment. */
export function compile(environment: Environment, expression: string): CompileResult {
  const issues: Issue[] = []
  const fail = (): CompileFailure => ({
    stage: 'compile',
    errors: formatIssues(expression, issues),
  })
  const parsed = parseExpression(expression, environment.macros, issues)
  if (issues.length > 0) return fail()
  const checked = checkExpression(parsed, environment, issues)
  if (issues.length > 0) return fail()
  validateLiterals(checked, issues)
  validateFormats(checked, issues)
  if (issues.length > 0) return fail()
  try {
    const plan = planExpression(checked, environment)
    return { program: new CompiledProgram(expression, checked, plan, environment) }
  } catch (error) {
    if (error instanceof PlanError) return { stage: 'program', errors: error.message }
    throw error
  }
}
