import { deepEqual } from '../deep-equal.ts'
import { compare } from './compare.ts'
import { ApplyConflicts, type Conflict } from './conflicts.ts'
import type { FieldFilter } from './field-filter.ts'
import { FieldSet } from './field-set.ts'
import { type Owner, type Owners, withOwnedFields } from './managers.ts'
import { merge } from './merge.ts'
import { fieldSetOfValue } from './owned-fields.ts'
import { TypedValueError } from './path-element.ts'
import { prune } from './prune.ts'
import { reconcileWithSchema } from './reconcile-schema.ts'
import type { Shape } from './shape.ts'

/** A version in which an object is served, as far as the ownership of its fields goes. */
export interface FieldVersion {
  readonly apiVersion: string
  readonly shape: Shape
  /** What a write cannot change in this version; everything when absent. */
  readonly filter?: FieldFilter | undefined
  /**
   * Between this version and the one in which all versions meet. A TypedValueError says why an
   * object cannot be brought into this one.
   */
  toStored(object: unknown): unknown
  fromStored(object: unknown): unknown
  /** Whether what was converted may not fit the schema: then every object is tried first. */
  readonly mayNotFit?: boolean
}

/** The versions of one resource, and the one in which a request speaks. */
export interface FieldVersions {
  readonly current: FieldVersion
  /** Undefined for a version that is not served any more: its managers are forgotten. */
  find(apiVersion: string): FieldVersion | undefined
}

/** An object in the form of one version. `failure` is said before what keeps it from that. */
export function convert(
  object: unknown,
  from: FieldVersion,
  to: FieldVersion,
  failure = '',
): unknown {
  if (from.apiVersion === to.apiVersion) return object
  try {
    return to.fromStored(from.toStored(object))
  } catch (error) {
    if (failure === '' || !(error instanceof TypedValueError)) throw error
    throw new TypedValueError(`${failure}: ${error.message}`)
  }
}

/**
 * Structured merge's Update: the owners after a write that has replaced `live` by `next`, and what
 * the writer has changed. Every other owner loses what was changed, and each what has gone. `self`
 * keeps what it had: what it has changed will be its own again.
 */
export function trackUpdate(
  versions: FieldVersions,
  live: unknown,
  next: unknown,
  owners: Owners,
  self: string,
): { readonly owners: Owners; readonly changed: FieldSet } {
  const changes = new Changes(versions, live, next)
  const left = new Map<string, Owner>()
  for (const [id, owner] of reconcileOwners(versions, owners, live)) {
    const { taken, removed } = changes.in(owner.apiVersion)
    const kept = id === self ? owner.fields : owner.fields.difference(taken)
    const fields = kept.difference(removed)
    if (!fields.isEmpty) left.set(id, withOwnedFields(owner, fields))
  }
  return { owners: left, changed: changes.in(versions.current.apiVersion).taken }
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
  const known = reconcileOwners(versions, owners, live)
  const merged = merge(shape, live, config)
  const all = fieldSetOfValue(shape, config)
  const fields = filter === undefined ? all : filter(all)
  const withSelf = new Map(known)
  const last = known.get(id)
  withSelf.set(id, { ...self, fields, time: last?.time })
  const object = prune(versions, merged, last, withSelf, id)
  const left = takeFields(new Changes(versions, live, object), withSelf, id, isForced)
  return { object: object === live || deepEqual(object, live) ? live : object, owners: left }
}

/** Fields by the schemas of today, without the managers of versions that are gone. */
function reconcileOwners(versions: FieldVersions, owners: Owners, live: unknown): Owners {
  let result: Map<string, Owner> | undefined
  for (const [id, owner] of owners) {
    const version = versions.find(owner.apiVersion)
    if (version?.mayNotFit) convert(live, versions.current, version)
    const fields = version && reconcileWithSchema(version.shape, owner.fields)
    if (fields === owner.fields) continue
    result ??= new Map(owners)
    if (fields === undefined) result.delete(id)
    else result.set(id, withOwnedFields(owner, fields))
  }
  return result ?? owners
}

/** The owners without what `self` takes from them. Throws ApplyConflicts unless `isForced`. */
function takeFields(changes: Changes, owners: Owners, self: string, isForced: boolean): Owners {
  const conflicts: Conflict[] = []
  const left = new Map<string, Owner>()
  for (const [id, owner] of sortedById(owners)) {
    if (id === self) {
      if (!owner.fields.isEmpty) left.set(id, owner)
      continue
    }
    const { taken, removed } = changes.in(owner.apiVersion)
    const lost = owner.fields.intersection(taken)
    if (!lost.isEmpty) conflicts.push({ owner, fields: lost })
    const fields = owner.fields.difference(lost).difference(removed)
    if (!fields.isEmpty) left.set(id, withOwnedFields(owner, fields))
  }
  if (conflicts.length > 0 && !isForced) throw new ApplyConflicts(conflicts)
  return left
}

/** What a write does to fields, in one version. */
interface Change {
  /** Added or modified. */
  readonly taken: FieldSet
  readonly removed: FieldSet
}

/** What a write changes, in each version that somebody has written in. */
class Changes {
  readonly #versions: FieldVersions
  readonly #live: unknown
  readonly #next: unknown
  readonly #byVersion = new Map<string, Change>()

  constructor(versions: FieldVersions, live: unknown, next: unknown) {
    this.#versions = versions
    this.#live = live
    this.#next = next
  }

  in(apiVersion: string): Change {
    let change = this.#byVersion.get(apiVersion)
    if (change === undefined) {
      change = this.#compareIn(apiVersion)
      this.#byVersion.set(apiVersion, change)
    }
    return change
  }

  #compareIn(apiVersion: string): Change {
    const { current, find } = this.#versions
    const version = apiVersion === current.apiVersion ? current : find(apiVersion)
    if (version === undefined) return { taken: FieldSet.empty, removed: FieldSet.empty }
    const before = convert(this.#live, current, version, 'failed to convert old object')
    const after = convert(this.#next, current, version, 'failed to convert new object')
    const { added, modified, removed } = compare(version.shape, before, after)
    const { filter = asItIs } = version
    return { taken: filter(modified).union(filter(added)), removed: filter(removed) }
  }
}

function asItIs(fields: FieldSet): FieldSet {
  return fields
}

/** Conflicts are told in this order; upstream's is that of a map. */
function sortedById(owners: Owners): Iterable<readonly [string, Owner]> {
  return owners.size < 2 ? owners : [...owners].sort(([a], [b]) => (a < b ? -1 : 1))
}
