import { RE2JS, RE2JSException } from 're2js'

/** A pattern as RE2 has it, or Go's message of what is wrong with it. */
export type CompiledPattern = { readonly expression: RE2JS } | { readonly error: string }

/** An instruction takes some 300 bytes once it has matched: 60 MB are the most. */
const MOST_INSTRUCTIONS = 200_000
/** What is kept of each pattern beside its instructions. */
const PER_PATTERN = 20

/**
 * Compiled patterns, by their texts: definitions and rules name the same ones again and again, and
 * to compile one is dear. Those used last are kept, as many as take no more than so much memory:
 * what a definition named that has gone makes room by itself.
 */
export class PatternCache {
  readonly #most: number
  readonly #patterns = new Map<string, CompiledPattern>()
  #kept = 0

  constructor(mostInstructions = MOST_INSTRUCTIONS) {
    this.#most = mostInstructions
  }

  /** How many instructions are kept, of all patterns. */
  get kept(): number {
    return this.#kept
  }

  has(text: string): boolean {
    return this.#patterns.has(text)
  }

  get(text: string): CompiledPattern {
    const known = this.#patterns.get(text)
    if (known !== undefined) {
      this.#patterns.delete(text)
      this.#patterns.set(text, known)
      return known
    }
    const compiled = compile(text)
    this.#patterns.set(text, compiled)
    this.#kept += weightOf(compiled)
    for (const [oldest, pattern] of this.#patterns) {
      if (this.#kept <= this.#most) break
      this.#patterns.delete(oldest)
      this.#kept -= weightOf(pattern)
    }
    return compiled
  }
}

function compile(text: string): CompiledPattern {
  try {
    return { expression: RE2JS.compile(text) }
  } catch (error) {
    if (error instanceof RE2JSException) return { error: error.message }
    throw error
  }
}

function weightOf(pattern: CompiledPattern): number {
  return PER_PATTERN + ('error' in pattern ? 0 : pattern.expression.programSize())
}
