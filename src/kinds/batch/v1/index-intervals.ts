/** A list of indexes is not written as it should be. */
export class IndexSyntaxError extends Error {
  override readonly name = 'IndexSyntaxError'
}

/** Indexes from the first to the last, both of them too. */
export interface IndexInterval {
  readonly first: number
  readonly last: number
}

const INTEGER = /^[+-]?[0-9]+$/

/** Reads indexes such as `1,3-5,7`, in order and all below the number of completions. */
export function parseIndexes(text: string, completions: number): readonly IndexInterval[] {
  if (text === '') return []
  const intervals = text.split(',').map((part) => parseInterval(part, completions))
  for (const [at, { first }] of intervals.entries()) {
    const previous = intervals[at - 1]
    if (previous !== undefined && previous.last >= first) failOrder(previous.last, first)
  }
  return intervals
}

export function countIndexes(intervals: readonly IndexInterval[]): number {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

/** The first index that is in both lists. */
export function firstOverlap(
  some: readonly IndexInterval[],
  others: readonly IndexInterval[],
): number | undefined {
  let at = 0
  for (const { first, last } of some) {
    while ((others[at]?.last ?? Number.POSITIVE_INFINITY) < first) at += 1
    const other = others[at]
    if (other !== undefined && other.first <= last) return Math.max(first, other.first)
  }
  return undefined
}

function parseInterval(text: string, completions: number): IndexInterval {
  const [firstText = '', lastText, ...others] = text.split('-')
  if (others.length > 0) {
    throw new IndexSyntaxError(
      `the fragment ${JSON.stringify(text)} violates the requirement that an index interval ` +
        "can have at most two parts separated by '-'",
    )
  }
  const first = parseIndex(firstText, completions)
  if (lastText === undefined) return { first, last: first }
  const last = parseIndex(lastText, completions)
  if (first >= last) failOrder(first, last)
  return { first, last }
}

function parseIndex(text: string, completions: number): number {
  const quoted = JSON.stringify(text)
  if (!INTEGER.test(text)) {
    throw new IndexSyntaxError(`cannot convert string to integer for index: ${quoted}`)
  }
  const index = Number(text)
  if (index >= completions) throw new IndexSyntaxError(`too large index: ${quoted}`)
  return index
}

function failOrder(previous: number, current: number): never {
  throw new IndexSyntaxError(`non-increasing order, previous: ${previous}, current: ${current}`)
}
