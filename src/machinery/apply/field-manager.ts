import { deepEqual } from '../deep-equal.ts'
import type { Kind, KubeObject } from '../kind.ts'
import type { ManagedFieldsEntry } from '../object-meta.ts'
import { badRequest, StatusError } from '../status-error.ts'
import { capUpdateManagers } from './cap-managers.ts'
import { ApplyConflicts, applyConflict } from './conflicts.ts'
import { remembering } from './field-filter.ts'
import { FieldSet } from './field-set.ts'
import { allowedByLastApplied, withLastApplied } from './last-applied.ts'
import {
  type ManagerIdentity,
  managerId,
  NO_OWNERS,
  type Operation,
  type Owner,
  type Owners,
  readOwners,
  withOwnedFields,
  writeOwners,
} from './managers.ts'
import { TypedValueError } from './path-element.ts'
import { type Applied, applyConfiguration, type FieldVersions, trackUpdate } from './updater.ts'
import { validateTyped } from './validate-typed.ts'
import { zeroObject } from './zero-object.ts'

/** Who owned an object's fields before anybody applied to it. */
const BEFORE_FIRST_APPLY = 'before-first-apply'
/** The name under which kubectl applies, and finds what it applied on the client's side before. */
const KUBECTL = 'kubectl'

/** All but what nobody owns: the server's own fields (upstream's stripMeta). */
const withoutUnowned = remembering((fields) => fields.difference(UNOWNED))
const UNOWNED = FieldSet.of([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName'],
    ...['generation', 'managedFields', 'resourceVersion'],
  ].map((field) => ['f:metadata', `f:${field}`]),
])

export interface FieldManagerOptions {
  /** As the request names it; its schema is that of `versions.current`. */
  readonly kind: Kind
  readonly versions: FieldVersions
  /** '' for the main resource. */
  readonly subresource: string
}

type Entries = readonly ManagedFieldsEntry[] | undefined

/** Who writes, and when. */
export interface Writer {
  /** The `fieldManager` of the request, or the name of its program. */
  readonly manager: string
  /** RFC 3339. */
  readonly time: string
}

export interface ApplyOptions extends Writer {
  /** Takes what others own. */
  readonly isForced: boolean
}

/**
 * Keeps `metadata.managedFields` of one kind's objects, for the main resource or one subresource:
 * upstream's chain of field managers.
 */
export class FieldManager {
  readonly #kind: Kind
  readonly #versions: FieldVersions
  readonly #subresource: string

  constructor({ kind, versions, subresource }: FieldManagerOptions) {
    this.#kind = kind
    this.#versions = versions
    this.#subresource = subresource
  }

  /**
   * The managed fields after a plain write. `live` is undefined for a new object. Undefined where
   * none are kept: an object that had none has been written before, or a client has reset them.
   */
  afterUpdate(live: KubeObject | undefined, next: KubeObject, writer: Writer): Entries {
    const before = live?.metadata.managedFields
    try {
      const owners = this.#ownersOf(before, next)
      // Upstream begins with an object's creation, or with the first apply to it.
      if (owners.size === 0 && live !== undefined) return undefined
      return writeOwners(this.#track(live ?? zeroObject(this.#kind), next, owners, writer), before)
    } catch (error) {
      // What cannot be understood is dropped: a plain write never fails for its managed fields.
      if (error instanceof TypedValueError) return undefined
      throw error
    }
  }

  /**
   * The object after a configuration was applied, not decoded yet, with its managed fields.
   * Throws the 409 that names what others own, or the 400 or 500 for a configuration that is none.
   */
  apply(
    live: KubeObject | undefined,
    config: Record<string, unknown>,
    options: ApplyOptions,
  ): { readonly object: Record<string, unknown>; readonly managedFields: Entries } {
    this.#checkConfig(config)
    const { manager, time } = options
    try {
      const { object, owners } = this.#applyAsKubectl(live, config, options)
      const before = live?.metadata.managedFields
      const isChanged = object !== live
      const id = managerId(this.#identity(manager, 'Apply'))
      const own = owners.get(id)
      const timed =
        isChanged && own !== undefined
          ? new Map(owners).set(id, { ...own, time, entry: undefined })
          : owners
      const result = object as Record<string, unknown>
      return {
        object: manager === KUBECTL ? withLastApplied(result, config) : result,
        managedFields: writeOwners(timed, before),
      }
    } catch (error) {
      if (error instanceof ApplyConflicts) throw applyConflict(error.conflicts)
      if (error instanceof TypedValueError) throw new StatusError('', error.message)
      throw error
    }
  }

  /** Subresources do not take managed fields from clients; the main resource may reset them. */
  #ownersOf(before: Entries, { metadata }: KubeObject): Owners {
    const sent = metadata.managedFields
    if (this.#subresource !== '' || sent === undefined || sent === before) {
      return readOrNone(before)
    }
    if (isReset(sent)) return NO_OWNERS
    try {
      const owners = readOwners(sameEntries(sent, before))
      if (owners.size > 0) return owners
    } catch (error) {
      if (!(error instanceof TypedValueError)) throw error
    }
    return readOrNone(before)
  }

  /** What the write changed joins what its manager had. */
  #track(live: unknown, next: unknown, owners: Owners, { manager, time }: Writer): Owners {
    const identity = this.#identity(manager, 'Update')
    const id = managerId(identity)
    const { owners: left, changed } = trackUpdate(this.#versions, live, next, owners, id)
    const fields = withoutUnowned(changed)
    if (fields.isEmpty) return capUpdateManagers(left)
    const before = left.get(id)?.fields ?? FieldSet.empty
    const all = before.union(fields)
    const owner = ownerOf(identity, time, all)
    return capUpdateManagers(new Map(left).set(id, owner))
  }

  #identity(manager: string, operation: Operation): ManagerIdentity {
    const { apiVersion } = this.#kind
    const subresource = this.#subresource
    return { manager: manager === '' ? 'unknown' : manager, operation, apiVersion, subresource }
  }

  #checkConfig(config: Record<string, unknown>): void {
    const { apiVersion, kind, metadata } = config
    if (apiVersion !== this.#kind.apiVersion || kind !== this.#kind.kind) {
      throw badRequest(`invalid object type: ${formatKind(apiVersion, kind)}`)
    }
    const { managedFields = null } = (metadata ?? {}) as Record<string, unknown>
    if (managedFields !== null) throw badRequest('metadata.managedFields must be nil')
    try {
      validateTyped(this.#versions.current.shape, config)
    } catch (error) {
      if (!(error instanceof TypedValueError)) throw error
      const what = `failed to create typed patch object (${formatObject(config)})`
      throw new StatusError('', `${what}: ${error.message}`)
    }
  }

  /** kubectl may take back what it has applied on the client's side before (last-applied). */
  #applyAsKubectl(
    live: KubeObject | undefined,
    config: Record<string, unknown>,
    options: ApplyOptions,
  ): Applied {
    try {
      return this.#apply(live, config, options)
    } catch (error) {
      if (!(error instanceof ApplyConflicts) || options.manager !== KUBECTL) throw error
      const { current } = this.#versions
      const allowed = live && allowedByLastApplied(current.shape, this.#kind.apiVersion, live)
      if (allowed === undefined) throw error
      const conflicts = error.conflicts
        .map(({ owner, fields }) => ({ owner, fields: fields.difference(allowed) }))
        .filter(({ fields }) => !fields.isEmpty)
      if (conflicts.length > 0) throw new ApplyConflicts(conflicts)
      return this.#apply(live, config, { ...options, isForced: true })
    }
  }

  #apply(
    given: KubeObject | undefined,
    config: Record<string, unknown>,
    { manager, time, isForced }: ApplyOptions,
  ): Applied {
    const zero = zeroObject(this.#kind)
    const live = given ?? zero
    let owners = this.#ownersBeforeApply(given)
    if (owners.size === 0) {
      owners = this.#track(zero, live, owners, { manager: BEFORE_FIRST_APPLY, time })
    }
    const identity = this.#identity(manager, 'Apply')
    const id = managerId(identity)
    const self = ownerOf(identity, undefined, FieldSet.empty)
    const applied = applyConfiguration(this.#versions, live, config, owners, { id, self, isForced })
    return { ...applied, owners: stripOwner(applied.owners, id) }
  }

  #ownersBeforeApply(live: KubeObject | undefined): Owners {
    try {
      return readOwners(live?.metadata.managedFields)
    } catch (error) {
      if (!(error instanceof TypedValueError)) throw error
      throw new StatusError('', `failed to decode managed fields: ${error.message}`)
    }
  }
}

function ownerOf(identity: ManagerIdentity, time: string | undefined, fields: FieldSet): Owner {
  const { manager, operation, apiVersion, subresource } = identity
  return { manager, operation, apiVersion, subresource, time, fields, entry: undefined }
}

function readOrNone(entries: Entries): Owners {
  try {
    return readOwners(entries)
  } catch (error) {
    if (error instanceof TypedValueError) return NO_OWNERS
    throw error
  }
}

/** An empty list, or one empty entry, resets the managed fields. */
function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  if (entries.length !== 1) return entries.length === 0
  return Object.values(entries[0] ?? {}).every((value) => value === undefined)
}

/** Clients send back what they have read: then what was read before need not be read again. */
function sameEntries(
  sent: readonly ManagedFieldsEntry[],
  before: Entries,
): readonly ManagedFieldsEntry[] {
  return before !== undefined && deepEqual(sent, before) ? before : sent
}

function stripOwner(owners: Owners, id: string): Owners {
  const own = owners.get(id)
  if (own === undefined) return owners
  const fields = withoutUnowned(own.fields)
  const result = new Map(owners)
  if (fields.isEmpty) result.delete(id)
  else result.set(id, withOwnedFields(own, fields))
  return result
}

/** An object as upstream's field manager names it: `default/x; apps/v1, Kind=Deployment`. */
export function formatObject({ apiVersion, kind, metadata }: Record<string, unknown>): string {
  const { namespace = '', name = '' } = (metadata ?? {}) as { namespace?: string; name?: string }
  return `${namespace}/${name}; ${formatKind(apiVersion, kind)}`
}

/** Go's text of a group, version and kind: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`. */
export function formatKind(apiVersion: unknown, kind: unknown): string {
  const version = typeof apiVersion === 'string' ? apiVersion : ''
  const withGroup = version.includes('/') ? version : `/${version}`
  return `${withGroup}, Kind=${typeof kind === 'string' ? kind : ''}`
}
