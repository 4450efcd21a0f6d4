import type { IndexInterval } from '../../kinds/batch/v1/index-intervals.ts'

/** Indexes in order, as runs that neither touch nor overlap. */
export type IndexList = readonly IndexInterval[]

/** As in a Job's status. What cannot be read or is too large counts as not there. */
export function readIndexes(text: string | undefined, completions: number): IndexList {
  const intervals = (text ?? '').split(',').flatMap((part): readonly IndexInterval[] => {
    const [first = Number.NaN, last = first] = part.split('-').map(toIndex)
    if (Number.isNaN(first) || Number.isNaN(last) || first >= completions) return []
    return [{ first, last: Math.min(last, completions - 1) }]
  })
  return mergeIndexes(intervals, [])
}

/** `1,3-5,7,8`: a run of two is written as two. */
export function formatIndexes(indexes: IndexList): string {
  return indexes
    .map(({ first, last }) => {
      if (first === last) return `${first}`
      return `${first}${last === first + 1 ? ',' : '-'}${last}`
    })
    .join(',')
}

export function mergeIndexes(some: IndexList, others: IndexList): IndexList {
  const merged: { first: number; last: number }[] = []
  for (const { first, last } of [...some, ...others].toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1)
    if (previous === undefined || first > previous.last + 1) merged.push({ first, last })
    else previous.last = Math.max(previous.last, last)
  }
  return merged
}

export function withIndexes(indexes: IndexList, added: Iterable<number>): IndexList {
  return mergeIndexes(
    indexes,
    Array.from(added, (index) => ({ first: index, last: index })),
  )
}

export function hasIndex(indexes: IndexList, index: number): boolean {
  return indexes.some(({ first, last }) => first <= index && index <= last)
}

/** How many indexes are in both lists. */
export function countCommon(some: IndexList, others: IndexList): number {
  let common = 0
  let at = 0
  for (const { first, last } of some) {
    while ((others[at]?.last ?? Number.POSITIVE_INFINITY) < first) at += 1
    for (let next = at; (others[next]?.first ?? Number.POSITIVE_INFINITY) <= last; next += 1) {
      const other = others[next]
      if (other === undefined) break
      common += Math.min(last, other.last) - Math.max(first, other.first) + 1
    }
  }
  return common
}

/** The first indexes below the number of completions that are not in the list. */
export function firstMissing(indexes: IndexList, count: number, completions: number): number[] {
  const missing: number[] = []
  let candidate = 0
  for (const { first, last } of [...indexes, { first: completions, last: completions }]) {
    const end = Math.min(first, completions)
    for (; candidate < end && missing.length < count; candidate += 1) missing.push(candidate)
    candidate = Math.max(candidate, last + 1)
  }
  return missing
}

function toIndex(text: string): number {
  return /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
}
