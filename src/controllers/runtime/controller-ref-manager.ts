import type { Client } from '../../client/client.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { Selector } from '../../machinery/label-selector.ts'
import { controllerOf, ownerReferenceTo } from '../../machinery/owner-references.ts'
import { isReason } from '../../machinery/status-error.ts'

/** What an owner has to do with one object. */
export type Claim = 'keep' | 'release' | 'adopt' | 'ignore'

/** Upstream's table of who takes which object. */
function planClaim(object: KubeObject, owner: KubeObject, selector: Selector): Claim {
  const reference = controllerOf(object)
  const isOwnerGoing = owner.metadata.deletionTimestamp !== undefined
  const matches = selector.matches(object.metadata.labels)
  if (reference !== undefined) {
    if (reference.uid !== owner.metadata.uid) return 'ignore'
    if (matches) return 'keep'
    return isOwnerGoing ? 'ignore' : 'release'
  }
  if (isOwnerGoing || !matches || object.metadata.deletionTimestamp !== undefined) return 'ignore'
  return object.metadata.namespace === owner.metadata.namespace ? 'adopt' : 'ignore'
}

export interface ClaimOptions<O extends KubeObject, T extends KubeObject> {
  readonly client: Client
  readonly owner: O
  readonly ownerKind: KindRef<O>
  readonly kind: KindRef<T>
  readonly selector: Selector
  /** Given to adopted objects together with the owner. */
  readonly finalizers?: readonly string[]
}

/**
 * Makes owner references fit the selector: orphans that match are adopted, objects that match no
 * longer are released. Returns those that the owner has then. Throws when one could not be settled.
 */
export async function claim<O extends KubeObject, T extends KubeObject>(
  objects: readonly T[],
  options: ClaimOptions<O, T>,
): Promise<readonly T[]> {
  const { owner, selector } = options
  const checkOwner = once(() => ownerMayAdopt(options))
  const results = await Promise.allSettled(
    objects.map(async (object) => {
      switch (planClaim(object, owner, selector)) {
        case 'keep':
          return object
        case 'adopt':
          await checkOwner()
          return (await adopt(object, options)) ? object : undefined
        case 'release':
          await release(object, options)
          return undefined
        case 'ignore':
          return undefined
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results.flatMap((result) =>
    result.status === 'fulfilled' && result.value !== undefined ? [result.value] : [],
  )
}

/**
 * The cache may be old: asks the server whether the owner is still there, the same, and staying.
 */
async function ownerMayAdopt<O extends KubeObject, T extends KubeObject>({
  client,
  owner,
  ownerKind,
}: ClaimOptions<O, T>): Promise<void> {
  const { namespace, name, uid } = owner.metadata
  const fresh = await client.get(ownerKind, { namespace, name })
  const who = `${namespace}/${name}`
  if (fresh.metadata.uid !== uid) {
    throw new Error(
      `original ${ownerKind.kind} ${who} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`,
    )
  }
  const { deletionTimestamp } = fresh.metadata
  if (deletionTimestamp !== undefined) {
    throw new Error(
      `can't adopt ${ownerKind.kind}: ${who} has just been deleted at ${deletionTimestamp}`,
    )
  }
}

/** False when the object has gone meanwhile. The uid in the patch makes it meet no other object. */
async function adopt<O extends KubeObject, T extends KubeObject>(
  { metadata: { namespace, name, uid } }: T,
  { client, owner, ownerKind, kind, finalizers }: ClaimOptions<O, T>,
): Promise<boolean> {
  const ownerReferences = [ownerReferenceTo(owner, ownerKind)]
  const metadata = { uid, ownerReferences, ...(finalizers !== undefined && { finalizers }) }
  try {
    const type = 'application/strategic-merge-patch+json'
    await client.patch(kind, { namespace, name }, type, { metadata })
    return true
  } catch (error) {
    if (isReason(error, 'NotFound')) return false
    throw error
  }
}

async function release<O extends KubeObject, T extends KubeObject>(
  { metadata: { namespace, name, uid } }: T,
  { client, owner, kind, finalizers }: ClaimOptions<O, T>,
): Promise<void> {
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }]
  const drop = finalizers !== undefined && { '$deleteFromPrimitiveList/finalizers': finalizers }
  try {
    await client.patch(kind, { namespace, name }, 'application/strategic-merge-patch+json', {
      metadata: { uid, ownerReferences, ...drop },
    })
  } catch (error) {
    // Gone, or no longer the same object: nothing is left to release.
    if (!isReason(error, 'NotFound', 'Invalid')) throw error
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work()
    return result
  }
}
