import { type CallEstimate, type CallToEstimate, sizeOfNode } from './estimate-call.ts'
import { type CostRange, plus, scaled, times, UNBOUNDED_COST } from './range.ts'
import { TRAVERSAL_FACTOR } from './units.ts'

/** `text.replace(old, new)`: how long the result may be depends on all three. */
export function estimateReplace(call: CallToEstimate): CallEstimate | undefined {
  const [from, to] = call.args
  if (call.target === undefined || to === undefined) return undefined
  const text = sizeOfNode(call.target, call.rootOf)
  const replaced = sizeOfNode(from, call.rootOf)
  const replacement = sizeOfNode(to, call.rootOf)
  const longest = longestResult(text, replaced, replacement)
  const shortest = shortestResult(text, replaced, replacement)
  const count = { min: shortest.count, max: longest.count }
  const kept = { min: shortest.kept, max: longest.kept }
  const size = plus(times(count, replacement), kept)
  return { cost: scaled(text, 2 * TRAVERSAL_FACTOR), size }
}

/** How often something is replaced, and how many characters stay. */
interface Result {
  readonly count: number
  readonly kept: number
}

const oneMore = (size: number) => (size < UNBOUNDED_COST ? size + 1 : size)

function longestResult(text: CostRange, replaced: CostRange, replacement: CostRange): Result {
  // An empty text is found around every character.
  if (replaced.min === 0) return { count: oneMore(text.max), kept: text.max }
  if (replacement.max <= replaced.min) return { count: 0, kept: text.max }
  return { count: Math.ceil(text.max / replaced.min), kept: 0 }
}

function shortestResult(text: CostRange, replaced: CostRange, replacement: CostRange): Result {
  if (replaced.max === 0) return { count: oneMore(text.min), kept: text.min }
  if (replaced.max <= replacement.min) return { count: 0, kept: text.min }
  return { count: Math.ceil(text.min / replaced.max), kept: 0 }
}
