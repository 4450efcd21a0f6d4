import { compile, type Program } from '../../../cel/compile.ts'
import type { Environment } from '../../../cel/environment.ts'
import { type CelType, formatType, isSameType } from '../../../cel/types.ts'

/** A compiled expression, or why it cannot be evaluated: that is told when it is to be. */
export interface Expression {
  readonly text: string
  readonly program?: Program
  /** In upstream's words: `compilation failed: ERROR: ...`, `must evaluate to bool but got int`. */
  readonly problem?: string
  /** It is of right types, but cannot be run: for upstream no mistake of whoever wrote it. */
  readonly isInternal?: boolean
}

/** Compiles an expression that must give one of these types; any, where none is named. */
export function compileExpression(
  environment: Environment,
  text: string,
  ...allowed: readonly CelType[]
): Expression {
  const compiled = compile(environment, text)
  const { program } = compiled
  if (program === undefined) {
    const isInternal = compiled.stage === 'program'
    const what = isInternal ? 'program instantiation' : 'compilation'
    return { text, problem: `${what} failed: ${compiled.errors}`, isInternal }
  }
  const { resultType } = program
  if (allowed.length === 0 || allowed.some((type) => isSameType(type, resultType))) {
    return { text, program }
  }
  const names = allowed.map(formatType)
  const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`
  return { text, problem: `must evaluate to ${wanted} but got ${formatType(resultType)}` }
}
