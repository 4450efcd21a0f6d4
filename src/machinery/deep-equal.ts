/**
 * Whether two JSON values are the same. A field that is undefined counts as absent; the order of
 * fields does not matter. Shared parts are not looked into, which makes comparing an object with a
 * changed copy of it cheap.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Number.isNaN(a) && Number.isNaN(b)
  }
  if (Array.isArray(a) || Array.isArray(b)) return areListsEqual(a, b)
  return areObjectsEqual(a as Record<string, unknown>, b as Record<string, unknown>)
}

function areListsEqual(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) {
    if (!deepEqual(a[index], b[index])) return false
  }
  return true
}

function areObjectsEqual(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let present = 0
  for (const key of Object.keys(a)) {
    const value = a[key]
    if (value === undefined) continue
    present++
    if (!Object.hasOwn(b, key) || !deepEqual(value, b[key])) return false
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) present--
  return present === 0
}
