import type { KindRef, KubeObject } from '../machinery/kind.ts'
import type { ListMeta } from '../machinery/object-meta.ts'

/** Names one object. `namespace` is absent for kinds of cluster scope. */
export interface ObjectKey {
  readonly namespace?: string | undefined
  readonly name: string
}

export interface GetOptions {
  readonly resourceVersion?: string
}

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  /** `'0'` allows an answer from the server's cache. */
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  /** Gives the call up; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface WatchOptions {
  readonly namespace?: string | undefined
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Events after this version; the present state first when absent or `'0'`. */
  readonly resourceVersion?: string
  readonly allowWatchBookmarks?: boolean
  readonly timeoutSeconds?: number
  /** Ends the watch; the iteration then finishes without an error. */
  readonly signal: AbortSignal
}

export interface WriteOptions {
  readonly dryRun?: boolean
  readonly fieldManager?: string
}

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan'

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: PropagationPolicy
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun?: boolean
}

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml'

export interface PatchOptions extends WriteOptions {
  readonly subresource?: string
  /** Server-side apply only: take fields over from other managers. */
  readonly force?: boolean
}

export interface ObjectList<T> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ListMeta
  readonly items: readonly T[]
}

/** A change of one object. A bookmark carries only a resource version. */
export type WatchEvent<T extends KubeObject = KubeObject> = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}

/** What `create` takes: the server fills in the rest. Draft types of kinds are assignable to it. */
export interface DraftObject {
  readonly metadata?: {
    readonly name?: string | undefined
    readonly namespace?: string | undefined
    readonly generateName?: string | undefined
  }
}

/** A kind together with the type of its drafts, as `defineKind` returns it. */
export type DraftableKind<T extends KubeObject, D> = KindRef<T> & { readonly draft: D }

/**
 * The typed API: all that a component may ask of the API server. Every failure is a `StatusError`;
 * objects that come back are shared and must not be changed.
 */
export interface Client {
  get<T extends KubeObject>(kind: KindRef<T>, key: ObjectKey, options?: GetOptions): Promise<T>
  list<T extends KubeObject>(kind: KindRef<T>, options?: ListOptions): Promise<ObjectList<T>>
  /** Ends when the server ends it; throws a StatusError (410 `Expired`) when history is gone. */
  watch<T extends KubeObject>(kind: KindRef<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>
  /** The namespace is that of the draft's metadata. */
  create<T extends KubeObject, D extends DraftObject>(
    kind: DraftableKind<T, D>,
    draft: D,
    options?: WriteOptions,
  ): Promise<T>
  update<T extends KubeObject>(kind: KindRef<T>, object: T, options?: WriteOptions): Promise<T>
  updateStatus<T extends KubeObject>(
    kind: KindRef<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T>
  patch<T extends KubeObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T>
  delete<T extends KubeObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<void>
  deleteCollection<T extends KubeObject>(
    kind: KindRef<T>,
    selection: ListOptions,
    options?: DeleteOptions,
  ): Promise<void>
  /** POST to a subresource, such as `pods/binding` or `serviceaccounts/token`. */
  createSubresource(
    kind: KindRef,
    key: ObjectKey,
    subresource: string,
    body: unknown,
  ): Promise<unknown>
  /** GET or another method on any path: discovery, /healthz, kinds that are not built in. */
  raw(method: string, path: string, body?: unknown): Promise<unknown>
}

/** `namespace/name`, or `name` at cluster scope: an object's key in caches and queues. */
export function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

/** The reverse of `keyOf`. */
export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
