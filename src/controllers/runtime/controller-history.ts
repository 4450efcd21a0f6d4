import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { ControllerRevision } from '../../kinds/apps/v1/controller-revision.ts'
import type { PodTemplateSpec } from '../../kinds/core/v1/pod-template-spec.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { Selector } from '../../machinery/label-selector.ts'
import { controllerOf, ownerReferenceTo } from '../../machinery/owner-references.ts'
import { isReason } from '../../machinery/status-error.ts'
import { claim } from './controller-ref-manager.ts'
import type { WriteBarrier } from './write-barrier.ts'

/** The label by which pods tell which revision of their template they come from. */
export const REVISION_HASH = 'controller-revision-hash'

const BY_OWNER = 'revisionOwner'

/** Raised when another object has the name that a revision should get. */
export class RevisionCollision extends Error {
  override readonly name = 'RevisionCollision'
}

/** An owner whose pods come from a template that it may go back to. */
export interface RevisionOwner extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly namespace: string }
  readonly spec: { readonly template: PodTemplateSpec }
}

/**
 * What a revision keeps: a patch that gives an owner this template again. Its keys are in order, as
 * in upstream's: clients compare it byte by byte with the patch that they make of the owner.
 */
export function revisionData({ spec }: RevisionOwner): Readonly<Record<string, unknown>> {
  return { spec: { template: inOrder({ ...spec.template, $patch: 'replace' }) } }
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  const entries = Object.entries(value).map(([key, part]) => [key, inOrder(part)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

export function isRevisionOf(owner: RevisionOwner, { data }: ControllerRevision): boolean {
  return deepEqual(data, revisionData(owner))
}

const byRevisionNumber = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1)

/** The revisions of one kind's objects: found, claimed, made and removed. */
export class ControllerHistory<O extends RevisionOwner> {
  readonly #client: Client
  readonly #kind: KindRef<O>
  readonly #revisions: Informer<ControllerRevision>
  readonly #barrier: WriteBarrier

  constructor(
    client: Client,
    kind: KindRef<O>,
    revisions: Informer<ControllerRevision>,
    barrier: WriteBarrier,
  ) {
    this.#client = client
    this.#kind = kind
    this.#revisions = revisions
    this.#barrier = barrier
    revisions.addIndex(BY_OWNER, (revision) => {
      const owner = controllerOf(revision)
      return [owner === undefined ? `orphans/${revision.metadata.namespace}` : owner.uid]
    })
  }

  /** The revisions that an owner has, the oldest first. */
  async list(owner: O, selector: Selector): Promise<readonly ControllerRevision[]> {
    const { uid, namespace } = owner.metadata
    const known = [
      ...this.#revisions.byIndex(BY_OWNER, uid),
      ...this.#revisions.byIndex(BY_OWNER, `orphans/${namespace}`),
    ]
    const claimed = await claim(known, {
      client: this.#client,
      owner,
      ownerKind: this.#kind,
      kind: ControllerRevision,
      selector,
    })
    return claimed.toSorted(byRevisionNumber)
  }

  /** Makes a revision; one of the same name and content counts as made. */
  async create(key: string, owner: O, hash: string, revision: number): Promise<ControllerRevision> {
    const { name, namespace, annotations } = owner.metadata
    const { labels } = owner.spec.template.metadata
    const metadata = {
      name: `${name.slice(0, 252 - hash.length)}-${hash}`,
      namespace,
      labels: { ...labels, [REVISION_HASH]: hash },
      ...(annotations !== undefined && { annotations }),
      ownerReferences: [ownerReferenceTo(owner, this.#kind)],
    }
    try {
      const draft = { metadata, data: revisionData(owner), revision }
      return this.#wrote(key, await this.#client.create(ControllerRevision, draft))
    } catch (cause) {
      if (!isReason(cause, 'AlreadyExists')) throw cause
      const present = await this.#client.get(ControllerRevision, metadata)
      if (controllerOf(present)?.uid === owner.metadata.uid && isRevisionOf(owner, present)) {
        return present
      }
      throw new RevisionCollision(`revision ${metadata.name} exists with another content`, {
        cause,
      })
    }
  }

  /** Gives a revision a higher number: it is the newest again. */
  async renumber(
    key: string,
    old: ControllerRevision,
    revision: number,
  ): Promise<ControllerRevision> {
    if (old.revision === revision) return old
    const next = { ...old, revision }
    return this.#wrote(key, await this.#client.update(ControllerRevision, next))
  }

  /** Deletes the oldest revisions beyond the limit, but none that is in use. */
  async cleanUp(
    revisions: readonly ControllerRevision[],
    limit: number,
    isLive: (revision: ControllerRevision) => boolean,
  ): Promise<void> {
    const unused = revisions.filter((revision) => !isLive(revision)).toSorted(byRevisionNumber)
    const surplus = Math.max(0, unused.length - limit)
    for (const { metadata } of unused.slice(0, surplus)) {
      try {
        await this.#client.delete(ControllerRevision, metadata)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
  }

  #wrote(key: string, revision: ControllerRevision): ControllerRevision {
    this.#barrier.wrote(key, revision)
    return revision
  }
}
