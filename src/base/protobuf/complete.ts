import type { AnyField, Decoded, Given, MessageType } from './message.ts'

/** A message as its receiver would see it: with the defaults of all that was not given. */
export function complete<M extends MessageType>(type: M, given: Given<M>): Decoded<M> {
  const value: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(type.fields)) {
    const item = (given as Record<string, unknown>)[name]
    const completed = item === undefined ? defaultOf(field) : completeItem(field, item)
    if (completed !== undefined) value[name] = completed
  }
  return value as Decoded<M>
}

function completeItem({ message, label }: AnyField, item: unknown): unknown {
  if (message === undefined) return item
  if (label === 'single') return complete(message, item as object)
  return (item as readonly object[]).map((part) => complete(message, part))
}

/** What an absent field reads as; undefined for messages and for numbers that may be absent. */
export function defaultOf(field: AnyField): unknown {
  if (field.label === 'repeated') return []
  if (field.label === 'map') return {}
  if (field.isBoxed || field.isOptional || field.type === 'message') return undefined
  return SCALAR_DEFAULTS[field.type] ?? field.values?.[0]
}

const SCALAR_DEFAULTS: Readonly<Record<string, unknown>> = {
  string: '',
  bytes: new Uint8Array(),
  bool: false,
  int32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
  exactInt64: 0n,
  fixed64: 0n,
  double: 0,
}
