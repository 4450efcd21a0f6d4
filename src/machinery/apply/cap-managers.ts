import { FieldSet } from './field-set.ts'
import { compareTimes, managerId, type Owner, type Owners, withOwnedFields } from './managers.ts'

/** So many managers of plain writes are told apart (upstream's DefaultMaxUpdateManagers). */
const MOST_UPDATE_MANAGERS = 10
const ANCIENT_CHANGES = 'ancient-changes'

/** Where too many have written, the oldest of each version become one manager. */
export function capUpdateManagers(owners: Owners): Owners {
  if (owners.size <= MOST_UPDATE_MANAGERS) return owners
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update')
  if (updaters.length <= MOST_UPDATE_MANAGERS) return owners
  updaters.sort(([idA, a], [idB, b]) => compareTimes(a, b) || (idA < idB ? -1 : 1))
  const result = new Map(owners)
  const firstByVersion = new Map<string, string>()
  let count = updaters.length
  for (const [id, owner] of updaters) {
    if (count <= MOST_UPDATE_MANAGERS) break
    const { apiVersion } = owner
    const first = firstByVersion.get(apiVersion)
    if (first === undefined) {
      firstByVersion.set(apiVersion, id)
      continue
    }
    mergeInto(result, first, id, owner)
    count--
  }
  return result
}

function mergeInto(owners: Map<string, Owner>, first: string, id: string, owner: Owner): void {
  const { apiVersion, time, fields } = owner
  const bucket: Owner = {
    manager: ANCIENT_CHANGES,
    operation: 'Update',
    apiVersion,
    subresource: '',
    time,
    fields: FieldSet.empty,
    entry: undefined,
  }
  const bucketId = managerId(bucket)
  let before = owners.get(bucketId)
  if (before === undefined) {
    before = owners.get(first)
    owners.delete(first)
  }
  owners.delete(id)
  owners.set(bucketId, withOwnedFields(bucket, fields.union(before?.fields ?? FieldSet.empty)))
}
