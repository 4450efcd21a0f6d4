import { type Clock, pause } from '../../base/clock.ts'
import { inBackground } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { STORED_VIEW } from '../registry/view.ts'

/** Keeps something that is derived from all objects of a resource. */
export interface ObjectFollower {
  /** All that is known is void: the objects that there are follow with `set`. */
  clear(): void
  /** Those that there are have followed: what has not come back since `clear` is gone. */
  complete?(): void
  set(object: KubeObject): void
  delete(object: KubeObject): void
}

/** Until when to follow, and whom to tell when that is hindered. */
export interface FollowContext {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly logger: Logger
}

/** How long a storage that fails is left alone. */
const RETRY_MS = 1000

type Watch = Awaited<ReturnType<ObjectStore['cache']['watch']>>
type Frames = Parameters<typeof apply>[0]

/**
 * Tells the follower of all objects of a resource and of every change, until the signal aborts.
 * Resolves when it has seen those that there are; a change is told before its write is answered.
 */
export async function followObjects(
  store: ObjectStore,
  context: FollowContext,
  follower: ObjectFollower,
): Promise<void> {
  const first = await begin(store, context.signal, follower)
  inBackground(context.logger, 'following objects', keepOn(store, context, follower, first))
}

/** A watch ends with the server, or when the storage's own watch had to begin anew. */
async function keepOn(
  store: ObjectStore,
  { signal, clock, logger }: FollowContext,
  follower: ObjectFollower,
  first: Watch,
): Promise<void> {
  let watch: Watch | undefined = first
  while (!signal.aborted) {
    if (watch !== undefined) for await (const frames of watch) apply(frames, follower)
    if (signal.aborted) return
    try {
      watch = await begin(store, signal, follower)
    } catch (error) {
      // What is known stays in force: to know nothing would lock everybody out.
      watch = undefined
      const resource = store.kind.plural
      logger.error('objects cannot be followed', { resource, error: formatError(error) })
      if (!(await pause(clock, RETRY_MS, signal))) return
    }
  }
}

async function begin(
  { cache, kind }: ObjectStore,
  signal: AbortSignal,
  follower: ObjectFollower,
): Promise<Watch> {
  await cache.fresh()
  const watch = cache.watch({
    selection: SELECT_ALL,
    view: STORED_VIEW,
    afterRevision: undefined,
    wantsBookmarks: false,
    marksInitialEventsEnd: true,
    names: kind,
  })
  const end = () => watch.end()
  signal.addEventListener('abort', end, { once: true })
  watch.onEnded(() => signal.removeEventListener('abort', end))
  const { value, done } = await watch.next()
  // It has ended before it began: what is known stays in force.
  if (done === true) return watch
  follower.clear()
  apply(value as Frames, follower)
  follower.complete?.()
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
