import type { ManagedFieldsEntry } from '../object-meta.ts'
import { FieldSet } from './field-set.ts'
import { managerId, type Owner, readOwners, withOwnedFields, writeOwners } from './managers.ts'
import type { FieldPathElements } from './path-element.ts'

const SCALE_VERSION = 'autoscaling/v1'
const REPLICAS_OF_SCALE = FieldSet.of([['f:spec', 'f:replicas']])

/** By apiVersion of a resource: where its replicas are. */
export type ReplicasPaths = ReadonlyMap<string, FieldPathElements>

type Entries = readonly ManagedFieldsEntry[] | undefined

/**
 * The managed fields of an object's Scale: those of the object's managers who own its replicas.
 * `scale` shows one field of another kind, whose ownership it shares.
 */
export function toScaleManagers(parent: Entries, paths: ReplicasPaths): Entries {
  const result = new Map<string, Owner>()
  for (const [id, owner] of readOwners(parent)) {
    const path = paths.get(owner.apiVersion)
    if (path === undefined || !owner.fields.has(path)) continue
    const fields = REPLICAS_OF_SCALE
    result.set(id, { ...owner, fields, apiVersion: SCALE_VERSION, entry: undefined })
  }
  return writeOwners(result)
}

/** The object's managed fields after its Scale was written as `scale` says. */
export function fromScaleManagers(
  scale: Entries,
  parent: Entries,
  paths: ReplicasPaths,
  apiVersion: string,
): Entries {
  const before = readOwners(parent)
  const ofScale = new Map(readOwners(scale))
  const result = new Map<string, Owner>()
  for (const [id, owner] of before) {
    const path = paths.get(owner.apiVersion)
    if (path === undefined) continue
    const isKept = !owner.fields.has(path) || ofScale.delete(idInScale(owner))
    const fields = isKept ? owner.fields : owner.fields.difference(FieldSet.of([path]))
    if (!fields.isEmpty) result.set(id, withOwnedFields(owner, fields))
  }
  const path = paths.get(apiVersion)
  if (path === undefined) return writeOwners(result, parent)
  for (const owner of ofScale.values()) {
    if (!owner.fields.has(['f:spec', 'f:replicas'])) continue
    const added = { ...owner, apiVersion, fields: FieldSet.of([path]), entry: undefined }
    const id = managerId(added)
    // Upstream keeps no time for who came by way of the scale.
    result.set(id, { ...added, time: before.get(id)?.time })
  }
  return writeOwners(result, parent)
}

/** A plain writer is told apart by its version, which is another one in the scale. */
function idInScale(owner: Owner): string {
  return managerId({ ...owner, apiVersion: SCALE_VERSION })
}
