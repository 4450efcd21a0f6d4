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
  const buckets = new Map<string, Bucket>()
  let count = updaters.length
  for (const [id, owner] of updaters) {
    if (count <= MOST_UPDATE_MANAGERS) break
    const { apiVersion } = owner
    const first = firstByVersion.get(apiVersion)
    if (first === undefined) {
      firstByVersion.set(apiVersion, id)
      continue
    }
    mergeInto(result, buckets, first, id, owner)
    count--
  }
  for (const [id, { owner, sets }] of buckets) {
    result.set(id, withOwnedFields(owner, unionOf(sets)))
  }
  return result
}

/** A manager that others become, with all that they own. */
interface Bucket {
  owner: Owner
  readonly sets: FieldSet[]
}

function mergeInto(
  owners: Map<string, Owner>,
  buckets: Map<string, Bucket>,
  first: string,
  id: string,
  { apiVersion, time, fields }: Owner,
): void {
  const owner: Owner = {
    manager: ANCIENT_CHANGES,
    operation: 'Update',
    apiVersion,
    subresource: '',
    time,
    fields: FieldSet.empty,
    entry: undefined,
  }
  const bucketId = managerId(owner)
  let bucket = buckets.get(bucketId)
  if (bucket === undefined) {
    const before = owners.get(bucketId) ?? owners.get(first)
    if (!owners.has(bucketId)) owners.delete(first)
    bucket = { owner, sets: before === undefined ? [] : [before.fields] }
    buckets.set(bucketId, bucket)
  }
  bucket.owner = owner
  bucket.sets.push(fields)
  owners.delete(id)
  owners.set(bucketId, owner)
}

/** By halves: to add thousands to one set, one after the other, would copy it as often. */
function unionOf(sets: readonly FieldSet[]): FieldSet {
  const [first = FieldSet.empty] = sets
  if (sets.length < 2) return first
  const middle = sets.length >> 1
  return unionOf(sets.slice(middle)).union(unionOf(sets.slice(0, middle)))
}
