/** As `map`, but answers the same list when no item changes, so that objects stay shared. */
export function mapShared<T>(list: readonly T[], change: (item: T) => T): readonly T[] {
  let result: T[] | undefined
  for (const [index, item] of list.entries()) {
    const changed = change(item)
    if (result === undefined && changed !== item) result = list.slice(0, index)
    result?.push(changed)
  }
  return result ?? list
}

/** The object with some fields replaced; the same object when none of them changes. */
export function withFields<T extends object>(object: T, fields: Partial<T>): T {
  for (const name of Object.keys(fields) as (keyof T)[]) {
    if (object[name] !== fields[name]) return { ...object, ...fields }
  }
  return object
}
