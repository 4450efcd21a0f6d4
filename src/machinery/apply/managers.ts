import { quote } from '../../base/json.ts'
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
  readonly entry: ManagedFieldsEntry | undefined
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
  let id = manager === '' ? '{' : `{"manager":${quote(manager)},`
  id += `"operation":"${operation}"`
  if (operation === 'Update' && apiVersion !== '') id += `,"apiVersion":${quote(apiVersion)}`
  return subresource === '' ? `${id}}` : `${id},"subresource":${quote(subresource)}}`
}

/** The managers that an object's metadata names. Throws TypedValueError. */
export function readOwners(entries: readonly ManagedFieldsEntry[] = []): Owners {
  if (entries.length === 0) return NO_OWNERS
  const owners = new Map<string, Owner>()
  for (let index = 0; index < entries.length; index++) {
    const owner = readOwner(entries[index] as ManagedFieldsEntry, index)
    owners.set(managerId(owner), owner)
  }
  return owners
}

function readOwner(entry: ManagedFieldsEntry, index: number): Owner {
  const { manager = '', operation, apiVersion = '', subresource = '', time } = entry
  const { fieldsType = '', fieldsV1 = NO_FIELDS } = entry
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
  const fields = fromFieldsV1(fieldsV1)
  return { manager, operation, apiVersion, subresource, time, fields, entry }
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
  const entries = sorted.map((owner) => owner.entry ?? sameEntry(owner, before) ?? newEntry(owner))
  const isSame =
    before?.length === entries.length && entries.every((entry, index) => entry === before[index])
  return isSame ? before : entries
}

/** The entry that says the same already. */
function sameEntry(
  { manager, operation, apiVersion, subresource, time, fields }: Owner,
  before: readonly ManagedFieldsEntry[] = [],
): ManagedFieldsEntry | undefined {
  return before.find(
    (entry) =>
      entry.time === time &&
      (entry.manager ?? '') === manager &&
      entry.operation === operation &&
      entry.apiVersion === apiVersion &&
      (entry.subresource ?? '') === subresource &&
      entry.fieldsV1 === toFieldsV1(fields),
  )
}

/** One step after the other, so that all entries have one shape: every write makes some. */
function newEntry(owner: Owner): ManagedFieldsEntry {
  const entry: { -readonly [K in keyof ManagedFieldsEntry]: ManagedFieldsEntry[K] } = {}
  if (owner.manager !== '') entry.manager = owner.manager
  entry.operation = owner.operation
  entry.apiVersion = owner.apiVersion
  if (owner.time !== undefined) entry.time = owner.time
  entry.fieldsType = 'FieldsV1'
  entry.fieldsV1 = toFieldsV1(owner.fields)
  if (owner.subresource !== '') entry.subresource = owner.subresource
  return entry
}

function compareOwners(a: Owner, b: Owner): number {
  return (
    compareText(a.operation, b.operation) ||
    compareTimes(a, b) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

/** The usual form of times, which sort as texts do. */
const UTC_SECONDS_LENGTH = '2006-01-02T15:04:05Z'.length

/** By whole seconds; an entry without a time is the oldest. */
export function compareTimes(
  { time: a = '' }: { readonly time: string | undefined },
  { time: b = '' }: { readonly time: string | undefined },
): number {
  if (a === b) return 0
  if (isUtcSeconds(a) && isUtcSeconds(b)) return a < b ? -1 : 1
  return secondsOf(a) - secondsOf(b)
}

function isUtcSeconds(time: string): boolean {
  return time === '' || (time.length === UTC_SECONDS_LENGTH && time.endsWith('Z'))
}

function secondsOf(time: string): number {
  return time === '' ? 0 : Math.floor(Date.parse(time) / 1000)
}

/** The same manager with other fields. */
export function withOwnedFields(owner: Owner, fields: FieldSet): Owner {
  if (fields === owner.fields) return owner
  const { manager, operation, apiVersion, subresource, time } = owner
  return { manager, operation, apiVersion, subresource, time, fields, entry: undefined }
}
