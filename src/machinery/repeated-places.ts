const NONE: ReadonlySet<number> = new Set()

/** Where a list has what it has had before. */
export function repeatedPlaces(list: readonly unknown[]): ReadonlySet<number> {
  const seen = new Set(list)
  if (seen.size === list.length) return NONE
  seen.clear()
  const places = new Set<number>()
  for (const [place, item] of list.entries()) {
    if (seen.has(item)) places.add(place)
    seen.add(item)
  }
  return places
}
