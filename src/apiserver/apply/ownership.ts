import { applyConflict } from './conflicts.ts'
import { FieldSet } from './field-set.ts'
import { isSameManager, type Manager } from './managed-fields.ts'
import type { Shape } from './shape.ts'
import { type Comparison, compare, fieldSetOf, merge, removeFields } from './typed-value.ts'

/** What is never owned: the server's own fields (upstream's stripMeta). */
const UNOWNED = FieldSet.of([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
])

/** Who writes, and what this way of writing cannot set (such as `status`). */
export interface Writer {
  readonly id: Omit<Manager, 'fields' | 'time'>
  readonly ignored: FieldSet
  /** RFC 3339, for entries that change. */
  readonly time: string
}

/**
 * The managers after a plain write: what it changed is its own from now on, and nobody else's
 * (structured merge's Update).
 */
export function trackUpdate(
  shape: Shape,
  before: unknown,
  after: unknown,
  managers: readonly Manager[],
  { id, ignored, time }: Writer,
): readonly Manager[] {
  const change = withoutIgnored(compare(shape, before, after), ignored)
  const taken = change.modified.union(change.added)
  const others = managers
    .filter((one) => !isSameManager(one, id))
    .map((one) => withFields(one, one.fields.difference(taken).difference(change.removed)))
  const old = managers.find((one) => isSameManager(one, id))
  const base = old?.fields ?? FieldSet.empty
  const fields = base.difference(change.removed).union(taken).difference(UNOWNED)
  return [...others, { ...id, fields, time: timeOf(old, fields, time) }].filter(
    (one) => !one.fields.isEmpty,
  )
}

export interface Applied {
  readonly object: unknown
  readonly managers: readonly Manager[]
}

/**
 * The object and its managers after a configuration was applied (structured merge's Apply): what
 * it sets is its manager's, what it no longer sets goes if nobody else owns it. Throws the 409
 * where another manager owns what would change, unless `isForced`.
 */
export function applyConfiguration(
  shape: Shape,
  live: unknown,
  config: unknown,
  managers: readonly Manager[],
  { id, ignored, time }: Writer,
  isForced: boolean,
): Applied {
  const old = managers.find((one) => isSameManager(one, id))
  const others = managers.filter((one) => one !== old)
  const fields = fieldSetOf(shape, config).without(ignored).difference(UNOWNED)
  const merged = merge(shape, live, config)
  const object = prune(shape, merged, old?.fields, [fields, ...others.map((one) => one.fields)])
  const change = withoutIgnored(compare(shape, live, object), ignored)
  const taken = change.modified.union(change.added)
  const conflicts = others
    .map((manager) => ({ manager, fields: manager.fields.intersection(taken) }))
    .filter((one) => !one.fields.isEmpty)
  if (conflicts.length > 0 && !isForced) throw applyConflict(conflicts)
  const left = others.map((one) =>
    withFields(one, one.fields.difference(taken).difference(change.removed)),
  )
  const isChanged = !(change.added.isEmpty && change.modified.isEmpty && change.removed.isEmpty)
  const own = { ...id, fields, time: isChanged ? time : timeOf(old, fields, time) }
  return { object, managers: [...left, own].filter((one) => !one.fields.isEmpty) }
}

/** Takes away what the manager applied before and does not now, if nobody owns it. */
function prune(
  shape: Shape,
  merged: unknown,
  last: FieldSet | undefined,
  owned: readonly FieldSet[],
): unknown {
  if (last === undefined || last.isEmpty) return merged
  const kept = owned.reduce((all, one) => all.union(one), FieldSet.empty).withNamedFields(shape)
  return removeFields(shape, merged, last.withNamedFields(shape).difference(kept))
}

function withoutIgnored(change: Comparison, ignored: FieldSet): Comparison {
  return {
    added: change.added.without(ignored),
    modified: change.modified.without(ignored),
    removed: change.removed.without(ignored),
  }
}

function withFields(manager: Manager, fields: FieldSet): Manager {
  return fields.equals(manager.fields) ? manager : { ...manager, fields }
}

function timeOf(old: Manager | undefined, fields: FieldSet, now: string): string {
  return old?.time !== undefined && old.fields.equals(fields) ? old.time : now
}
