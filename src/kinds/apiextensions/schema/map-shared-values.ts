import { setOwn } from '../../../base/json.ts'

/**
 * The object with each field as `change` has it, without those that it makes undefined; the object
 * itself where nothing changes.
 */
export function mapSharedFields(
  object: Readonly<Record<string, unknown>>,
  change: (name: string, value: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(object)
  let changed: Record<string, unknown> | undefined
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string
    const before = object[name]
    const after = change(name, before)
    if (changed === undefined) {
      if (after === before) continue
      changed = {}
      for (let other = 0; other < index; other++) {
        const earlier = names[other] as string
        setOwn(changed, earlier, object[earlier])
      }
    }
    if (after !== undefined) setOwn(changed, name, after)
  }
  return changed ?? object
}

/** The list with each item as `change` has it; the list itself where nothing changes. */
export function mapSharedItems(
  list: readonly unknown[],
  change: (item: unknown, index: number) => unknown,
): readonly unknown[] {
  let changed: unknown[] | undefined
  for (let index = 0; index < list.length; index++) {
    const after = change(list[index], index)
    if (changed !== undefined) changed.push(after)
    else if (after !== list[index]) changed = [...list.slice(0, index), after]
  }
  return changed ?? list
}
