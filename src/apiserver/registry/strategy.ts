import { formatTime } from '../../base/clock.ts'
import { type Random, uuid } from '../../base/random.ts'
import { applyDefaults } from '../../machinery/apply-defaults.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { Kind, KubeObject, WriteContext } from '../../machinery/kind.ts'
import type { ObjectMeta } from '../../machinery/object-meta.ts'

type Fields = Readonly<Record<string, unknown>>

/** Kinds whose creator also reports on them: a kubelet registers a node with its status. */
const STATUS_BY_CREATOR: ReadonlySet<string> = new Set(['/Node'])

/** Whether the status is written apart: where there is one, unless the kind says otherwise. */
export function hasStatusSubresource(kind: Kind): boolean {
  return kind.hasStatusSubresource ?? kind.schema.fields['status'] !== undefined
}

/** Whether changes of the spec are counted: where there is one, unless the kind says otherwise. */
export function hasGeneration(kind: Kind): boolean {
  return kind.hasGeneration ?? kind.schema.fields['spec'] !== undefined
}

/** What the server alone decides about a new object (rest.FillObjectMetaSystemFields). */
export function withSystemFields(object: KubeObject, now: number, random: Random): KubeObject {
  const metadata = {
    ...object.metadata,
    // Rules about names are written for objects that have one, be it empty.
    name: object.metadata.name ?? '',
    uid: uuid(random),
    creationTimestamp: formatTime(now),
    resourceVersion: undefined,
    selfLink: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  }
  return withMetadata(object, metadata)
}

/** A new object as its kind begins: without status, at generation 1. */
export function prepareForCreate(
  kind: Kind,
  object: KubeObject,
  context: WriteContext,
): KubeObject {
  const generation = hasGeneration(kind) ? 1 : object.metadata.generation
  let prepared = withMetadata(object, { ...object.metadata, generation })
  if (hasStatusSubresource(kind) && !STATUS_BY_CREATOR.has(`${kind.group}/${kind.kind}`)) {
    const { status: _, ...rest } = prepared as KubeObject & Fields
    prepared = applyDefaults(kind.schema, rest as KubeObject)
  }
  return kind.prepareForCreate?.(prepared, context) ?? prepared
}

/** A changed object: the status stays as it was, and a changed spec is a new generation. */
export function prepareForUpdate(
  kind: Kind,
  given: KubeObject,
  old: KubeObject,
  context: WriteContext,
): KubeObject {
  let object = withMetadata(given, keepSystemFields(given.metadata, old.metadata))
  if (hasStatusSubresource(kind)) {
    object = { ...object, status: (old as KubeObject & Fields)['status'] } as KubeObject
  }
  object = kind.prepareForUpdate?.(object, old, context) ?? object
  if (!hasGeneration(kind) || kind.hasGeneration === false) return object
  const before = old as KubeObject & Fields
  const after = object as KubeObject & Fields
  if (object.metadata.generation !== old.metadata.generation) return object
  if (deepEqual(before['spec'], after['spec'])) return object
  const generation = Number(old.metadata.generation ?? 0) + 1
  return withMetadata(object, { ...object.metadata, generation })
}

/** A new status: all else but the metadata stays as it was. */
export function prepareForStatusUpdate(
  kind: Kind,
  given: KubeObject,
  old: KubeObject,
  context: WriteContext,
): KubeObject {
  const metadata = withKept(kind, keepSystemFields(given.metadata, old.metadata), old.metadata)
  const status = (given as KubeObject & Fields)['status']
  const object = { ...old, metadata, status } as KubeObject
  return kind.prepareForStatusUpdate?.(object, old, context) ?? object
}

/** What of the metadata a write to the status cannot change. */
function withKept({ metadataRules }: Kind, metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const names = metadataRules?.statusKeeps
  if (names === undefined) return metadata
  const kept = Object.fromEntries(names.map((name) => [name, old[name]]))
  return { ...metadata, ...kept }
}

/** The fields of the server, whatever the client has sent for them. */
export function keepSystemFields(given: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const isDeleting = old.deletionTimestamp !== undefined
  return {
    ...given,
    resourceVersion: old.resourceVersion,
    uid: given.uid === undefined || given.uid === '' ? old.uid : given.uid,
    creationTimestamp: old.creationTimestamp,
    generation: old.generation,
    deletionTimestamp: isDeleting ? old.deletionTimestamp : given.deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds ?? given.deletionGracePeriodSeconds,
  }
}

/** Undefined fields are left out, so that every object has one shape however it came to be. */
export function withMetadata(
  object: KubeObject,
  metadata: { readonly [K in keyof ObjectMeta]?: ObjectMeta[K] | undefined },
): KubeObject {
  const given = metadata as Readonly<Record<string, unknown>>
  const defined: Record<string, unknown> = {}
  for (const key in given) {
    const value = given[key]
    if (value !== undefined) defined[key] = value
  }
  return { ...object, metadata: defined as unknown as ObjectMeta }
}
