import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  tooMany,
} from '../../../machinery/field-error.ts'

type Rule<T> = (item: T, path: FieldPath) => FieldErrors

/** A list of at most so many items; of one that is too long, nothing more is said. */
export function* validateItems<T>(
  items: readonly T[],
  most: number,
  rule: Rule<T>,
  path: FieldPath,
): FieldErrors {
  if (items.length > most) {
    yield tooMany(path, items.length, most)
    return
  }
  for (const [index, item] of items.entries()) yield* rule(item, path.index(index))
}

/** As `validateItems`, for items that differ in `keyOf`, which is what an error shows of them. */
export function* validateSet<T>(
  items: readonly T[],
  most: number,
  rule: Rule<T>,
  keyOf: (item: T) => unknown,
  path: FieldPath,
): FieldErrors {
  yield* validateItems(items, most, rule, path)
  if (items.length > most) return
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const key = keyOf(item)
    const text = JSON.stringify(key)
    if (seen.has(text)) yield duplicate(path.index(index), key)
    seen.add(text)
  }
}

/** A map of at most so many entries; long keys are shortened in paths. */
export function* validateEntries<T>(
  entries: Readonly<Record<string, T>>,
  most: number,
  longestKey: number,
  rules: { readonly key: Rule<string>; readonly value: Rule<T> },
  path: FieldPath,
): FieldErrors {
  const list = Object.entries(entries)
  if (list.length > most) {
    yield tooMany(path, list.length, most)
    return
  }
  for (const [key, value] of list) {
    yield* rules.key(key, path)
    yield* rules.value(value, path.key(shortened(key, longestKey)))
  }
}

function shortened(key: string, most: number): string {
  if (key.length <= most) return key
  const rest = most - 3
  return `${key.slice(0, Math.ceil(rest / 2))}...${key.slice(key.length - Math.floor(rest / 2))}`
}
