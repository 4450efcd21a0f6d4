import type { ManagedFieldsEntry } from '../object-meta.ts'
import type { FieldSet } from './field-set.ts'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'
import { compareText, TypedValueError } from './path-element.ts'

export type Operation = 'Apply' | 'Update'

/** What tells the entries of an object apart. An applier is the same in all versions. */
export interface ManagerIdentity {
  readonly manager: string
  readonly operation: Operation
  readonly apiVersion: string
  /** '' for the main resource. */
  readonly subresource: string
}

/** One manager with what it owns. */
export interface Owner extends ManagerIdentity {
  readonly time: string | undefined
  readonly fields: FieldSet
  /** How it is written, where it was read so. */
  readonly entry?: ManagedFieldsEntry
}

/** The managers of an object by their identifiers. */
export type Owners = ReadonlyMap<string, Owner>

export const NO_OWNERS: Owners = new Map()

/** Sorts as upstream's identifiers do, by which conflicts are listed. */
export function managerId({
  manager,
  operation,
  apiVersion,
  subresource,
}: ManagerIdentity): string {
  return JSON.stringify({
    ...(manager !== '' && { manager }),
    operation,
    ...(operation === 'Update' && apiVersion !== '' && { apiVersion }),
    ...(subresource !== '' && { subresource }),
  })
}

const read = new WeakMap<readonly ManagedFieldsEntry[], Owners>()

/** The managers that an object's metadata names. Throws TypedValueError. */
export function readOwners(entries: readonly ManagedFieldsEntry[] = []): Owners {
  if (entries.length === 0) return NO_OWNERS
  let owners = read.get(entries)
  if (owners === undefined) {
    owners = new Map(
      entries.map((entry, index) => [managerId(identityOf(entry)), readOwner(entry, index)]),
    )
    read.set(entries, owners)
  }
  return owners
}

function identityOf(entry: ManagedFieldsEntry): ManagerIdentity {
  const { manager = '', operation = 'Update', apiVersion = '', subresource = '' } = entry
  return { manager, operation, apiVersion, subresource }
}

function readOwner(entry: ManagedFieldsEntry, index: number): Owner {
  const { operation, apiVersion = '', fieldsType = '', fieldsV1, time } = entry
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new TypedValueError('operation must be `Apply` or `Update`')
  }
  if (apiVersion === '') throw new TypedValueError('apiVersion must not be empty')
  if (fieldsType === '') {
    throw new TypedValueError(`missing fieldsType in managed fields entry ${index}`)
  }
  if (fieldsType !== 'FieldsV1') {
    const type = JSON.stringify(fieldsType)
    throw new TypedValueError(`invalid fieldsType ${type} in managed fields entry ${index}`)
  }
  return { ...identityOf(entry), time, fields: fromFieldsV1(fieldsV1 ?? NO_FIELDS), entry }
}

const NO_FIELDS = Object.freeze({})

/**
 * The managers as metadata holds them, in upstream's order: who applies first, then by time and
 * name. Entries that did not change are the same objects, and so is the whole list.
 */
export function writeOwners(
  owners: Owners,
  before?: readonly ManagedFieldsEntry[],
): readonly ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined
  const sorted = [...owners.values()].sort(compareOwners)
  const entries = sorted.map(entryOf)
  const isSame =
    before?.length === entries.length && entries.every((entry, index) => entry === before[index])
  if (isSame) return before
  return remember(entries, sorted)
}

function remember(entries: readonly ManagedFieldsEntry[], sorted: readonly Owner[]) {
  const owners = sorted.map((owner, index) => {
    const entry = entries[index] as ManagedFieldsEntry
    return [managerId(owner), { ...owner, entry }] as const
  })
  read.set(entries, new Map(owners))
  return entries
}

function entryOf({ entry, ...owner }: Owner): ManagedFieldsEntry {
  if (entry !== undefined) return entry
  const { manager, operation, apiVersion, subresource, time, fields } = owner
  return {
    ...(manager !== '' && { manager }),
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fields),
    ...(subresource !== '' && { subresource }),
  }
}

function compareOwners(a: Owner, b: Owner): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a) - secondsOf(b) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

/** Whole seconds since 1970; 0 for an entry without a time. */
export function secondsOf({ time }: { readonly time: string | undefined }): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000)
}

/** The same manager with other fields. */
export function withOwnedFields(owner: Owner, fields: FieldSet): Owner {
  if (fields === owner.fields) return owner
  const { entry: _, ...rest } = owner
  return { ...rest, fields }
}
