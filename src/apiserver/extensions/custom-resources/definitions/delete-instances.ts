import { type Clock, deadline } from '../../../../base/clock.ts'
import { isReason } from '../../../../machinery/status-error.ts'
import type { ObjectStore } from '../../../registry/object-store.ts'
import { planDelete } from '../../../registry/plan-delete.ts'
import { SELECT_ALL } from '../../../registry/selection.ts'
import type { StoredObject } from '../../../registry/stored-object.ts'
import { STORED_VIEW } from '../../../registry/view.ts'

/** How long the finalizers of objects are waited for before that is tried again. */
const PATIENCE_MS = 60_000
const DELETIONS_AT_ONCE = 16

/** Raised where objects do not go in time: their finalizers keep them. */
export class InstancesLeftError extends Error {
  override readonly name = 'InstancesLeftError'
}

/**
 * Deletes all objects of a store and waits until they have gone. Throws, with the text of
 * upstream's condition, what could not be listed or deleted, and InstancesLeftError; the reason of
 * the signal where that ends the wait.
 */
export async function deleteInstances(
  store: ObjectStore,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    await store.cache.fresh()
  } catch (cause) {
    throw new Error(`could not list instances: ${textOf(cause)}`, { cause })
  }
  try {
    await deleteAll(store, clock)
  } catch (cause) {
    throw new Error(`could not issue all deletes: ${textOf(cause)}`, { cause })
  }
  await untilEmpty(store, clock, signal)
}

async function deleteAll(store: ObjectStore, clock: Clock): Promise<void> {
  const left = store.cache.list(SELECT_ALL).values()
  const work = async () => {
    for (const { object } of left) {
      const { namespace = '', name } = object.metadata
      try {
        await store.change(namespace, name, (current) => changeOf(store, current, clock.now()))
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: DELETIONS_AT_ONCE }, work))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

function changeOf({ kind }: ObjectStore, current: StoredObject | undefined, now: number) {
  if (current === undefined) return { type: 'delete' as const }
  const plan = planDelete(kind, current.object, {}, now)
  if (plan.type === 'delete') return { type: 'delete' as const }
  return { type: 'put' as const, object: plan.type === 'mark' ? plan.object : current.object }
}

async function untilEmpty(store: ObjectStore, clock: Clock, signal: AbortSignal): Promise<void> {
  const { cache, kind } = store
  if (cache.count('') === 0) return
  const watch = cache.watch({
    selection: SELECT_ALL,
    view: STORED_VIEW,
    afterRevision: cache.revision,
    wantsBookmarks: false,
    marksInitialEventsEnd: false,
    names: kind,
  })
  const end = () => watch.end()
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  const emptied = (async () => {
    while (cache.count('') > 0) {
      // The store has begun anew, or the watch was too slow: what is left is not known from here.
      if ((await watch.next()).done === true) throw new Error('their watch has ended')
    }
  })()
  try {
    await deadline(clock, PATIENCE_MS, 'context deadline exceeded', emptied)
  } catch (cause) {
    signal.throwIfAborted()
    const why = `could not confirm zero CustomResources remaining: ${textOf(cause)}`
    throw new InstancesLeftError(why, { cause })
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
