import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer, InformerEvent, Informers } from '../../client/lister.ts'
import { type RetryDelays, WorkQueue } from '../../client/work-queue.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'

/** All that a controller may use. Tests give it a virtual clock and a simulated cluster. */
export interface ControllerContext {
  /** Calls under the controller's own service account. */
  readonly client: Client
  readonly informers: Informers
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** A loop that makes the world look as objects of one kind ask for. */
export interface Controller {
  /** As in `kube-controller-manager --controllers`. */
  readonly name: string
  readonly workers: number
  /** Which changes make which keys worth a look. */
  readonly watches: readonly Watch[]
  /** Of a key that fails; upstream's defaults when absent. */
  readonly retryDelays?: RetryDelays
  /** A key that fails more often in a row is let go until something changes; never when absent. */
  readonly maxRetries?: number
  /**
   * Brings the world closer to what one object asks for. Level-based: it looks at the present
   * state, never at the event that woke it. Throws to be retried with back-off.
   */
  reconcile(key: string, logger: Logger): Promise<Result>
  /** Is given `enqueue` before anything else happens, where events alone do not name all keys. */
  start?(enqueue: Enqueue): void
  /** Work beside the queue, begun once the caches are full; ends when the signal aborts. */
  run?(signal: AbortSignal): Promise<void>
}

/** When to look again though nothing has changed; undefined for never. */
export type Result = { readonly requeueAfterMs: number } | undefined

/** What a source of changes may do with a key: now, or after some milliseconds. */
export type Enqueue = (key: string, afterMs?: number) => void

export interface Watch {
  start(enqueue: Enqueue): Disposable
}

/** Calls `keysOf` for every event of an informer and enqueues the keys that it returns. */
export function watch<T extends KubeObject>(
  informer: Informer<T>,
  keysOf: (event: InformerEvent<T>) => Iterable<string>,
): Watch {
  return watchEvents(informer, (event, enqueue) => {
    for (const key of keysOf(event)) enqueue(key)
  })
}

/** As `watch`, for handlers that also say when. */
export function watchEvents<T extends KubeObject>(
  informer: Informer<T>,
  handle: (event: InformerEvent<T>, enqueue: Enqueue) => void,
): Watch {
  return { start: (enqueue) => informer.onEvent((event) => handle(event, enqueue)) }
}

/** The key of the object that changed. */
export function self({ object }: InformerEvent<KubeObject>): string[] {
  return [keyOf(object)]
}

/** Runs until the signal aborts and all workers have come to rest. The caches must be full. */
export async function runController(
  controller: Controller,
  { clock, logger }: ControllerContext,
  signal: AbortSignal,
): Promise<void> {
  const queue = new WorkQueue(clock, controller.retryDelays)
  const enqueue: Enqueue = (key, afterMs = 0) => queue.addAfter(key, afterMs)
  controller.start?.(enqueue)
  const sources = controller.watches.map((source) => source.start(enqueue))
  const onAbort = (): void => queue.shutDown()
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const workers = Array.from({ length: controller.workers }, () =>
    runWorker(controller, queue, clock, logger),
  )
  try {
    await Promise.all([...workers, controller.run?.(signal)])
  } finally {
    for (const source of sources) source[Symbol.dispose]()
  }
}

/** Below this a key costs so little that it may be worked on as often as it changes. */
const CHEAP_MS = 5
const LONGEST_REST_MS = 100

/**
 * How long a key rests after work that took so long. A ReplicaSet of 2,000 pods changes with each
 * of them; without a rest every change would look at all pods again, and nothing else would get a
 * turn.
 */
function restAfter(tookMs: number): number {
  return tookMs < CHEAP_MS ? 0 : Math.min(2 * tookMs, LONGEST_REST_MS)
}

async function runWorker(
  controller: Controller,
  queue: WorkQueue,
  clock: Clock,
  logger: Logger,
): Promise<void> {
  for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
    const log = logger.with({ key })
    const started = clock.monotonic()
    try {
      const result = await controller.reconcile(key, log)
      queue.forget(key)
      if (result !== undefined) queue.addAfter(key, result.requeueAfterMs)
    } catch (error) {
      retry(controller, queue, key, error, log)
    } finally {
      queue.done(key, restAfter(clock.monotonic() - started))
    }
  }
}

function retry(
  { maxRetries = Number.POSITIVE_INFINITY }: Controller,
  queue: WorkQueue,
  key: string,
  error: unknown,
  logger: Logger,
): void {
  if (queue.failuresOf(key) >= maxRetries) {
    logger.error('giving up until the next change', { error: formatError(error) })
    queue.forget(key)
    return
  }
  // Somebody else was faster: the ordinary case of optimistic concurrency.
  if (isReason(error, 'Conflict')) logger.debug('conflict', { error: formatError(error) })
  else logger.error('reconcile failed', { error: formatError(error) })
  queue.addRateLimited(key)
}
