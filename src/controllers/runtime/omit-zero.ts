/** Leaves out what Go's `omitempty` leaves out: zero, empty, false and absent fields. */
export function omitZero<T extends object>(fields: T): T {
  const kept = Object.entries(fields).filter(([, value]) => {
    if (Array.isArray(value)) return value.length > 0
    return value !== undefined && value !== 0 && value !== '' && value !== false
  })
  return Object.fromEntries(kept) as T
}
