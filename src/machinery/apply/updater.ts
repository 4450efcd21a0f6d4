import { deepEqual } from '../deep-equal.ts'
import { type Comparison, compare } from './compare.ts'
import { ApplyConflicts, type Conflict } from './conflicts.ts'
import type { FieldFilter } from './field-filter.ts'
import { FieldSet } from './field-set.ts'
import { type Owner, type Owners, withOwnedFields } from './managers.ts'
import { merge } from './merge.ts'
import { fieldSetOfValue } from './owned-fields.ts'
import { prune } from './prune.ts'
import { reconcileWithSchema } from './reconcile-schema.ts'
import type { Shape } from './shape.ts'

/** A version in which an object is served, as far as the ownership of its fields goes. */
export interface FieldVersion {
  readonly apiVersion: string
  readonly shape: Shape
  /** What a write cannot change in this version; everything when absent. */
  readonly filter?: FieldFilter | undefined
  /** Between this version and the one in which all versions meet. */
  toStored(object: unknown): unknown
  fromStored(object: unknown): unknown
}

/** The versions of one resource, and the one in which a request speaks. */
export interface FieldVersions {
  readonly current: FieldVersion
  /** Undefined for a version that is not served any more: its managers are forgotten. */
  find(apiVersion: string): FieldVersion | undefined
}

/** An object in the form of one version. */
export function convert(object: unknown, from: FieldVersion, to: FieldVersion): unknown {
  return from.apiVersion === to.apiVersion ? object : to.fromStored(from.toStored(object))
}

/**
 * Structured merge's Update: the owners after a write that has replaced `live` by `next`, and what
 * the writer has changed. Every owner loses what was changed, the writer's older entry too.
 */
export function trackUpdate(
  versions: FieldVersions,
  live: unknown,
  next: unknown,
  owners: Owners,
): { readonly owners: Owners; readonly changed: FieldSet } {
  const known = reconcileOwners(versions, owners)
  const { owners: left, comparison } = takeFields(versions, live, next, known, undefined, true)
  return { owners: left, changed: comparison.modified.union(comparison.added) }
}

/** What an apply makes of an object. */
export interface Applied {
  /** Not decoded yet; the live object itself where nothing has changed. */
  readonly object: unknown
  readonly owners: Owners
}

/**
 * Structured merge's Apply: the live object with a configuration over it, without what `self`
 * applied before and nobody wants any more. Throws ApplyConflicts unless `isForced`.
 */
export function applyConfiguration(
  versions: FieldVersions,
  live: unknown,
  config: unknown,
  owners: Owners,
  { id, self, isForced }: { readonly id: string; readonly self: Owner; readonly isForced: boolean },
): Applied {
  const { shape, filter } = versions.current
  const known = reconcileOwners(versions, owners)
  const merged = merge(shape, live, config)
  const all = fieldSetOfValue(shape, config)
  const fields = filter === undefined ? all : filter(all)
  const withSelf = new Map(known)
  const last = known.get(id)
  withSelf.set(id, { ...self, fields, time: last?.time })
  const object = prune(versions, merged, last, withSelf, id)
  const { owners: left } = takeFields(versions, live, object, withSelf, id, isForced)
  return { object: object === live || deepEqual(object, live) ? live : object, owners: left }
}

/** Fields by the schemas of today, without the managers of versions that are gone. */
function reconcileOwners(versions: FieldVersions, owners: Owners): Owners {
  let result: Map<string, Owner> | undefined
  for (const [id, owner] of owners) {
    const version = versions.find(owner.apiVersion)
    const fields = version && reconcileWithSchema(version.shape, owner.fields)
    if (fields === owner.fields) continue
    result ??= new Map(owners)
    if (fields === undefined) result.delete(id)
    else result.set(id, withOwnedFields(owner, fields))
  }
  return result ?? owners
}

/** The owners without what has changed under them, and the change in the request's version. */
function takeFields(
  versions: FieldVersions,
  live: unknown,
  next: unknown,
  owners: Owners,
  self: string | undefined,
  isForced: boolean,
): { readonly owners: Owners; readonly comparison: Comparison } {
  const { current } = versions
  const comparison = filtered(compare(current.shape, live, next), current.filter)
  const changes = new Map([[current.apiVersion, changeOf(comparison)]])
  const conflicts: Conflict[] = []
  const left = new Map<string, Owner>()
  for (const [id, owner] of sortedById(owners)) {
    if (id === self) {
      left.set(id, owner)
      continue
    }
    let change = changes.get(owner.apiVersion)
    if (change === undefined) {
      change = changeIn(versions, owner.apiVersion, live, next)
      changes.set(owner.apiVersion, change)
    }
    const { taken, removed } = change
    const fields = owner.fields.intersection(taken)
    if (!fields.isEmpty) conflicts.push({ owner, fields })
    left.set(id, withOwnedFields(owner, owner.fields.difference(fields).difference(removed)))
  }
  if (conflicts.length > 0 && !isForced) throw new ApplyConflicts(conflicts)
  for (const [id, { fields }] of left) if (fields.isEmpty) left.delete(id)
  return { owners: left, comparison }
}

interface Change {
  readonly taken: FieldSet
  readonly removed: FieldSet
}

function changeOf({ added, modified, removed }: Comparison): Change {
  return { taken: modified.union(added), removed }
}

function changeIn(
  versions: FieldVersions,
  apiVersion: string,
  live: unknown,
  next: unknown,
): Change {
  const { current } = versions
  const version = versions.find(apiVersion)
  if (version === undefined) return { taken: FieldSet.empty, removed: FieldSet.empty }
  const before = convert(live, current, version)
  const after = convert(next, current, version)
  return changeOf(filtered(compare(version.shape, before, after), version.filter))
}

function filtered(comparison: Comparison, filter: FieldFilter | undefined): Comparison {
  if (filter === undefined) return comparison
  const { added, modified, removed } = comparison
  return { added: filter(added), modified: filter(modified), removed: filter(removed) }
}

/** Conflicts are told in this order; upstream's is that of a map. */
function sortedById(owners: Owners): Iterable<readonly [string, Owner]> {
  return owners.size < 2 ? owners : [...owners].sort(([a], [b]) => (a < b ? -1 : 1))
}
