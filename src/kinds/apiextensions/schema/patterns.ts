import { compilePattern, matchingSteps } from '../../../cel/functions/regular-expressions.ts'
import { CelError } from '../../../cel/values/cel-error.ts'

/** Why a text is no pattern in RE2's syntax; undefined for one that is. */
export function patternProblem(pattern: string): string | undefined {
  const compiled = compilePattern(pattern)
  return compiled instanceof CelError ? compiled.message : undefined
}

/** Some seconds' worth of steps at worst; patterns of the usual kind take a hundredth of it. */
const MOST_STEPS = 30_000_000

/**
 * Matches the patterns of a schema for one object. Upstream bounds neither what one takes nor what
 * all of them take together: here an object that asks for more than this is to be refused.
 */
export class PatternMatcher {
  #left: number

  constructor(mostSteps = MOST_STEPS) {
    this.#left = mostSteps
  }

  /** Not all patterns were matched: nothing is known of the object. */
  get isExhausted(): boolean {
    return this.#left < 0
  }

  /** What a text should match and does not; undefined too when there are no steps left. */
  problem(text: string, pattern: string): string | undefined {
    if (this.isExhausted) return undefined
    this.#left -= matchingSteps([text, pattern])
    if (this.isExhausted) return undefined
    const compiled = compilePattern(pattern)
    if (compiled instanceof CelError) {
      return `${pattern}, but pattern is invalid: ${compiled.message}`
    }
    return compiled.test(text) ? undefined : pattern
  }
}
