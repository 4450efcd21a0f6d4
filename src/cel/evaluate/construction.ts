import { CelError } from '../values/cel-error.ts'
import { formatValue } from '../values/format-value.ts'
import { ArrayList } from '../values/list.ts'
import { EntryMap } from '../values/map.ts'
import { Optional } from '../values/optional.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import type { Step } from './frame.ts'

/** An element that with `isOptional` is left out when its optional is empty. */
export interface OptionalStep {
  readonly step: Step
  readonly isOptional: boolean
}

/** `[a, ?b]`. */
export function listStep(elements: readonly OptionalStep[]): Step {
  return (frame) => {
    const values: CelValue[] = []
    for (const { step, isOptional } of elements) {
      const value = step(frame)
      if (value instanceof CelError) return value
      if (!isOptional) {
        values.push(value)
        continue
      }
      if (!(value instanceof Optional)) {
        const what = 'cannot initialize optional list element from non-optional value'
        return new CelError(`${what} ${formatValue(value)}`)
      }
      if (value.content !== undefined) values.push(value.content)
    }
    return new ArrayList(values)
  }
}

/** `{a: b, ?c: d}`. */
export function mapStep(entries: readonly (OptionalStep & { readonly key: Step })[]): Step {
  return (frame) => {
    const pairs: (readonly [CelValue, CelValue])[] = []
    for (const { key: keyStep, step, isOptional } of entries) {
      const key = keyStep(frame)
      if (key instanceof CelError) return key
      const value = step(frame)
      if (value instanceof CelError) return value
      const content = isOptional ? contentOf(formatValue(key), value) : value
      if (content instanceof CelError) return content
      if (content !== undefined) pairs.push([key, content])
    }
    return new EntryMap(pairs)
  }
}

/** `Type{a: b, ?c: d}`; `construct` makes the object. */
export function structStep(
  fields: readonly (readonly [string, OptionalStep])[],
  construct: (values: ReadonlyMap<string, CelValue>) => Outcome,
): Step {
  return (frame) => {
    const values = new Map<string, CelValue>()
    for (const [name, { step, isOptional }] of fields) {
      const value = step(frame)
      if (value instanceof CelError) return value
      const content = isOptional ? contentOf(name, value) : value
      if (content instanceof CelError) return content
      if (content !== undefined) values.set(name, content)
    }
    return construct(values)
  }
}

function contentOf(entry: string, value: CelValue): CelValue | CelError | undefined {
  if (value instanceof Optional) return value.content
  const from = `from non-optional value ${formatValue(value)}`
  return new CelError(`cannot initialize optional entry '${entry}' ${from}`)
}
