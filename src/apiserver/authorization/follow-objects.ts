import type { KubeObject } from '../../machinery/kind.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { STORED_VIEW } from '../registry/view.ts'

/** Keeps something that is derived from all objects of a resource. */
export interface ObjectFollower {
  /** All that is known is void: the objects that there are follow with `set`. */
  clear(): void
  set(object: KubeObject): void
  delete(object: KubeObject): void
}

/**
 * Tells the follower of all objects of a resource and of every change, until the signal aborts.
 * Resolves when it has seen those that there are; a change is told before its write is answered.
 */
export async function followObjects(
  store: ObjectStore,
  signal: AbortSignal,
  follower: ObjectFollower,
): Promise<void> {
  const first = await begin(store, signal, follower)
  // A watch ends with the server, or when the storage's own watch had to begin anew.
  const keepOn = async (watch: Watch): Promise<void> => {
    for (let current = watch; ; current = await begin(store, signal, follower)) {
      for await (const frames of current) apply(frames, follower)
      if (signal.aborted) return
    }
  }
  keepOn(first).catch(() => follower.clear())
}

type Watch = Awaited<ReturnType<ObjectStore['cache']['watch']>>
type Frames = Parameters<typeof apply>[0]

async function begin(
  { cache, kind }: ObjectStore,
  signal: AbortSignal,
  follower: ObjectFollower,
): Promise<Watch> {
  await cache.fresh()
  const watch = await cache.watch({
    selection: SELECT_ALL,
    view: STORED_VIEW,
    afterRevision: undefined,
    wantsBookmarks: false,
    marksInitialEventsEnd: true,
    names: kind,
  })
  signal.addEventListener('abort', () => watch.end(), { once: true })
  follower.clear()
  const { value } = await watch.next()
  apply((value ?? []) as Frames, follower)
  return watch
}

function apply(
  frames: readonly { readonly event: { readonly type: string; readonly object: unknown } }[],
  follower: ObjectFollower,
): void {
  for (const { event } of frames) {
    if (event.type === 'ADDED' || event.type === 'MODIFIED')
      follower.set(event.object as KubeObject)
    else if (event.type === 'DELETED') follower.delete(event.object as KubeObject)
  }
}
