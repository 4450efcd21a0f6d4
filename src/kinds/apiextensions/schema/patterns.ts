import { RE2JS, RE2JSException } from 're2js'

/** A pattern as RE2 has it, or why it is none. */
export type Pattern = { readonly expression: RE2JS } | { readonly error: string }

/** Definitions name the same patterns again and again, and to compile one is dear. */
const MOST_PATTERNS = 1000
const patterns = new Map<string, Pattern>()

/** Reads a pattern in RE2's syntax; matching it takes time in proportion to the text. */
export function patternOf(text: string): Pattern {
  let pattern = patterns.get(text)
  if (pattern === undefined) {
    pattern = compile(text)
    if (patterns.size >= MOST_PATTERNS) patterns.clear()
    patterns.set(text, pattern)
  }
  return pattern
}

function compile(text: string): Pattern {
  try {
    return { expression: RE2JS.compile(text) }
  } catch (error) {
    if (error instanceof RE2JSException) return { error: error.message }
    throw error
  }
}
