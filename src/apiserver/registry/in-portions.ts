import { setImmediate } from 'node:timers/promises'

/** So many objects are read before others may go on: some milliseconds of work. */
const PORTION = 100
/** So many objects are compared with a selector before others may go on. */
export const JUDGED_AT_ONCE = 1000

/** Does something with each item of a long list, with pauses in which requests are answered. */
export async function inPortions<T>(items: Iterable<T>, visit: (item: T) => void): Promise<void> {
  let visited = 0
  for (const item of items) {
    if (++visited % PORTION === 0) await setImmediate()
    visit(item)
  }
}

/** The first part of a list that is selected from another. */
export interface Selected<T> {
  readonly items: readonly T[]
  /** So many of the list had to be looked at: what follows is not judged. */
  readonly seen: number
}

/**
 * The first `limit` items (0 for all) that match. A short list is judged at once; a long one with
 * pauses in which requests are answered, so that it must be one that does not change.
 */
export function selectInPortions<T>(
  list: readonly T[],
  matches: ((item: T) => boolean) | undefined,
  limit = 0,
): Selected<T> | Promise<Selected<T>> {
  if (matches === undefined) {
    const items = limit === 0 || list.length <= limit ? list : list.slice(0, limit)
    return { items, seen: items.length }
  }
  const items: T[] = []
  const most = limit === 0 ? Number.POSITIVE_INFINITY : limit
  const seen = judge(list, 0, matches, items, most)
  const isDone = seen === list.length || items.length >= most
  return isDone ? { items, seen } : selectRest(list, matches, items, most)
}

async function selectRest<T>(
  list: readonly T[],
  matches: (item: T) => boolean,
  items: T[],
  most: number,
): Promise<Selected<T>> {
  let seen = JUDGED_AT_ONCE
  while (seen < list.length && items.length < most) {
    await setImmediate()
    seen = judge(list, seen, matches, items, most)
  }
  return { items, seen }
}

/** Judges one portion, and returns how many have been judged by then. */
function judge<T>(
  list: readonly T[],
  from: number,
  matches: (item: T) => boolean,
  items: T[],
  most: number,
): number {
  const end = Math.min(list.length, from + JUDGED_AT_ONCE)
  for (let at = from; at < end; at++) {
    const item = list[at] as T
    if (!matches(item)) continue
    items.push(item)
    if (items.length >= most) return at + 1
  }
  return end
}
