import type { RE2JS } from 're2js'
import { CelError } from '../values/cel-error.ts'
import type { Int } from '../values/integers.ts'
import { ArrayList } from '../values/list.ts'
import type { Outcome } from '../values/value.ts'
import { type CelFunction, member } from './function.ts'
import { PatternCache } from './pattern-cache.ts'

const patterns = new PatternCache()

/**
 * The compiled form of an RE2 pattern, or Go's message of what is wrong with it. Matching takes
 * time linear in the text.
 */
export function compilePattern(pattern: string): RE2JS | CelError {
  const compiled = patterns.get(pattern)
  return 'error' in compiled ? new CelError(compiled.error) : compiled.expression
}

/** `text.matches(pattern)`: whether some part of the text matches. */
export function matches(text: string, pattern: string): Outcome {
  const compiled = compilePattern(pattern)
  return compiled instanceof CelError ? compiled : compiled.test(text)
}

/** A match is looked for by states that are kept: the more of them are met again, the cheaper. */
const STEPS_AT_ONCE = 8

/** To compile an instruction takes as long. */
const STEPS_TO_COMPILE = 100

/** Bounds what `find` takes: of each character, each instruction of the pattern, counts expanded. */
export function findingSteps([text, pattern]: readonly Outcome[]): number {
  return stepsOf(text, pattern, 1)
}

/** As `findingSteps`, for `matches`, which need not know where. */
export function matchingSteps([text, pattern]: readonly Outcome[]): number {
  return stepsOf(text, pattern, STEPS_AT_ONCE)
}

/** Compiles the pattern where that was not done, or was and is not kept. */
function stepsOf(text: Outcome | undefined, pattern: Outcome | undefined, atOnce: number): number {
  if (typeof text !== 'string' || typeof pattern !== 'string') return 0
  const isNew = !patterns.has(pattern)
  const compiled = compilePattern(pattern)
  if (compiled instanceof CelError) return 0
  const size = compiled.programSize()
  return (text.length * size) / atOnce + (isNew ? size * STEPS_TO_COMPILE : 0)
}

/** From this length on, whether there is a match is asked before where: that is much quicker. */
const LONG_TEXT = 1000

const hasNone = (compiled: RE2JS, text: string) => text.length >= LONG_TEXT && !compiled.test(text)

const illegal = ({ message }: CelError) => new CelError(`Illegal regex: ${message}`)

function find(text: string, pattern: string): Outcome {
  const compiled = compilePattern(pattern)
  if (compiled instanceof CelError) return illegal(compiled)
  if (hasNone(compiled, text)) return ''
  const matcher = compiled.matcher(text)
  return matcher.find() ? (matcher.group() ?? '') : ''
}

function findAll(text: string, pattern: string, limit: Int = -1): Outcome {
  const compiled = compilePattern(pattern)
  if (compiled instanceof CelError) return illegal(compiled)
  if (hasNone(compiled, text)) return new ArrayList([])
  const found: string[] = []
  const matcher = compiled.matcher(text)
  let end = -1
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    // Go leaves out an empty match that touches the one before it.
    if (matcher.start() === matcher.end() && matcher.start() === end) continue
    found.push(matcher.group() ?? '')
    end = matcher.end()
  }
  return new ArrayList(found)
}

/** Kubernetes' library of regular expressions. */
export const REGULAR_EXPRESSION_FUNCTIONS: readonly CelFunction[] = [
  member('find', 'string_find_string', '(string, string) -> string', find),
  member('findAll', 'string_find_all_string', '(string, string) -> list(string)', findAll),
  member('findAll', 'string_find_all_string_int', '(string, string, int) -> list(string)', findAll),
]

/** The functions whose second argument is a pattern: a literal one is compiled with the program. */
export const PATTERN_FUNCTIONS: ReadonlySet<string> = new Set(['matches', 'find', 'findAll'])
