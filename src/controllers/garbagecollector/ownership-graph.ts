import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'

export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

/** An object as a watch has shown it. */
export interface Observed {
  readonly kind: KindRef
  readonly object: KubeObject
}

/** One object of the cluster, or one that others name as their owner and nobody has seen yet. */
export interface OwnershipNode {
  readonly uid: string
  /** Undefined while the object is only known from references to it. */
  readonly observed: Observed | undefined
  /** The uids of the objects that name this one as an owner. */
  readonly dependents: ReadonlySet<string>
  /** How a dependent names an object that has not been seen, and in which namespace it is. */
  readonly namedAs: { readonly reference: OwnerReference; readonly namespace: string } | undefined
}

interface MutableNode extends OwnershipNode {
  observed: Observed | undefined
  readonly dependents: Set<string>
}

/** What a change of the graph makes worth a look: objects to delete, owners to free of theirs. */
export interface GraphChange {
  readonly toDelete: readonly string[]
  readonly toOrphan: readonly string[]
}

/**
 * Who owns whom, by uid, as the watches tell it:
 *
 *     Deployment ◄── ReplicaSet ◄── Pod        dependents: an arrow's foot, owners: its head
 *                        ▲
 *                       Pod
 *
 * A reference to an object that no watch has shown makes a node without content; whether there is
 * such an object is then asked of the server.
 */
export class OwnershipGraph {
  readonly #nodes = new Map<string, MutableNode>()

  get size(): number {
    return this.#nodes.size
  }

  get(uid: string): OwnershipNode | undefined {
    return this.#nodes.get(uid)
  }

  /** An object was added or changed. */
  put(kind: KindRef, object: KubeObject): GraphChange {
    const toDelete: string[] = []
    const toOrphan: string[] = []
    const { uid } = object.metadata
    const node = this.#nodes.get(uid) ?? this.#insert(uid, undefined)
    const before = node.observed?.object
    node.observed = { kind, object }
    const references = ownersOf(object)
    this.#unlink(uid, before, references)
    for (const reference of references) {
      const owner = this.#nodes.get(reference.uid)
      if (owner !== undefined) {
        owner.dependents.add(uid)
        const { observed } = owner
        const isNew = before === undefined && observed !== undefined
        if (isNew && mustLookAt(observed, reference, object)) toDelete.push(uid)
        continue
      }
      const namespace = object.metadata.namespace ?? ''
      this.#insert(reference.uid, { reference, namespace }).dependents.add(uid)
      toDelete.push(reference.uid)
    }
    if (before === undefined) toDelete.push(...this.#misnaming(node, node.observed))
    // What it lost may be what kept it, and it may have been what an owner waited for.
    if (before !== undefined && haveOwnersChanged(before, object)) {
      toDelete.push(uid, ...this.#waitingOwners(before))
    }
    if (startsWaiting(before, object, ORPHAN)) toOrphan.push(uid)
    if (startsWaiting(before, object, FOREGROUND)) toDelete.push(...node.dependents, uid)
    return { toDelete, toOrphan }
  }

  /** An object is gone, or was never there. */
  remove(uid: string): GraphChange {
    const node = this.#nodes.get(uid)
    if (node === undefined) return { toDelete: [], toOrphan: [] }
    const toDelete = [...node.dependents, ...this.#waitingOwners(node.observed?.object)]
    if (node.observed !== undefined) this.#unlink(uid, node.observed.object, [])
    this.#nodes.delete(uid)
    return { toDelete, toOrphan: [] }
  }

  /** Dependents that came before their owner, and turn out to name it wrongly. */
  #misnaming({ uid, dependents }: OwnershipNode, owner: Observed): readonly string[] {
    return Array.from(dependents).filter((dependent) => {
      const object = this.#nodes.get(dependent)?.observed?.object
      const reference = object && ownersOf(object).find((one) => one.uid === uid)
      return object && reference && !isNamedBy(owner, reference, object)
    })
  }

  /** Owners of an object that wait for their dependents to go. */
  #waitingOwners(object: KubeObject | undefined): readonly string[] {
    if (object === undefined) return []
    return ownersOf(object)
      .map(({ uid }) => uid)
      .filter((uid) => {
        const owner = this.#nodes.get(uid)?.observed?.object
        return owner !== undefined && isWaitingForDependents(owner)
      })
  }

  #insert(uid: string, namedAs: OwnershipNode['namedAs']): MutableNode {
    const node: MutableNode = { uid, observed: undefined, dependents: new Set(), namedAs }
    this.#nodes.set(uid, node)
    return node
  }

  /** Takes an object away from the owners that it no longer names. */
  #unlink(uid: string, before: KubeObject | undefined, now: readonly OwnerReference[]): void {
    if (before === undefined) return
    for (const reference of ownersOf(before)) {
      if (now.some((one) => one.uid === reference.uid)) continue
      const owner = this.#nodes.get(reference.uid)
      owner?.dependents.delete(uid)
      if (owner?.observed === undefined && owner?.dependents.size === 0) {
        this.#nodes.delete(reference.uid)
      }
    }
  }
}

export function ownersOf({ metadata }: KubeObject): readonly OwnerReference[] {
  return metadata.ownerReferences ?? []
}

export function hasFinalizer({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) === true
}

export function isBeingDeleted({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** Whether a reference names this very object, from where the dependent stands. */
export function isNamedBy(
  { kind, object }: Observed,
  reference: OwnerReference,
  dependent: KubeObject,
): boolean {
  const { namespace, name, uid } = object.metadata
  if (uid !== reference.uid || name !== reference.name) return false
  if (kind.kind !== reference.kind || kind.group !== groupOf(reference.apiVersion)) return false
  return kind.scope === 'Cluster' || namespace === dependent.metadata.namespace
}

/** The group in an object's or a reference's apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** A new dependent of an owner that is going, or a reference that names the uid wrongly. */
function mustLookAt(owner: Observed, reference: OwnerReference, dependent: KubeObject): boolean {
  return isWaitingForDependents(owner.object) || !isNamedBy(owner, reference, dependent)
}

/** A foreground deletion: it goes when its blocking dependents have gone. */
export function isWaitingForDependents(object: KubeObject): boolean {
  return isBeingDeleted(object) && hasFinalizer(object, FOREGROUND)
}

function startsWaiting(
  before: KubeObject | undefined,
  now: KubeObject,
  finalizer: string,
): boolean {
  const waits = (object: KubeObject) => isBeingDeleted(object) && hasFinalizer(object, finalizer)
  return waits(now) && (before === undefined || !waits(before))
}

function haveOwnersChanged(before: KubeObject, now: KubeObject): boolean {
  const text = (object: KubeObject) =>
    ownersOf(object)
      .map(({ uid, blockOwnerDeletion }) => `${uid}${blockOwnerDeletion === true}`)
      .join()
  return text(before) !== text(now)
}
