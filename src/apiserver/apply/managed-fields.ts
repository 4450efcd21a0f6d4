import type { ManagedFieldsEntry } from '../../machinery/object-meta.ts'
import { FieldSet } from './field-set.ts'

/** What one manager owns of an object, and how it came to own it. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  /** '' for the main resource. */
  readonly subresource: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** The managers that an object's metadata names. An entry that cannot be read is left out. */
export function readManagers(entries: readonly ManagedFieldsEntry[] = []): readonly Manager[] {
  return entries.flatMap((entry) => {
    const { manager = '', operation, apiVersion = '', subresource = '', time, fieldsV1 } = entry
    if (operation === undefined || fieldsV1 === undefined) return []
    const fields = FieldSet.fromFieldsV1(fieldsV1)
    return [{ manager, operation, apiVersion, subresource, time, fields }]
  })
}

/** In upstream's order: those who apply first, then by time, then by name. */
export function writeManagers(managers: readonly Manager[]): readonly ManagedFieldsEntry[] {
  return managers
    .filter(({ fields }) => !fields.isEmpty)
    .toSorted(compareManagers)
    .map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
      ...(manager !== '' && { manager }),
      operation,
      apiVersion,
      ...(time !== undefined && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: fields.toFieldsV1(),
      ...(subresource !== '' && { subresource }),
    }))
}

function compareManagers(a: Manager, b: Manager): number {
  const orders = [
    [a.operation, b.operation],
    [a.time ?? '', b.time ?? ''],
    [a.manager, b.manager],
    [a.apiVersion, b.apiVersion],
    [a.subresource, b.subresource],
  ] as const
  for (const [left, right] of orders) {
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** Whether two entries are of one manager: an applier is the same in every version. */
export function isSameManager(a: Omit<Manager, 'fields' | 'time'>, b: typeof a): boolean {
  if (a.manager !== b.manager || a.operation !== b.operation) return false
  if (a.subresource !== b.subresource) return false
  return a.operation === 'Apply' || a.apiVersion === b.apiVersion
}

/** A manager as messages name it. */
export function formatManager({
  manager,
  operation,
  apiVersion,
  subresource,
  time,
}: Manager): string {
  const below = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  const name = `${JSON.stringify(manager)}${below}`
  if (operation === 'Apply') return name
  return time === undefined
    ? `${name} using ${apiVersion}`
    : `${name} using ${apiVersion} at ${time}`
}
