import { type Clock, pause } from '../../base/clock.ts'
import { childAbort } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { ContainerChange, ContainerEvent, ContainerRuntime } from '../container-runtime.ts'
import { EventQueue } from '../event-queue.ts'
import { hasRuntimeCode } from '../runtime-error.ts'
import type { GrpcConnection } from './connection.ts'
import { EVENT_FILTERS, parseContainerdEvent, subscribeToEvents } from './containerd-events.ts'
import * as methods from './methods.ts'
import { SettledChanges } from './settled-changes.ts'

/** Between two attempts to reach a runtime that is away. */
const RETRY_MS = 100

/** How often to look where a runtime tells of nothing by itself: as upstream's generic PLEG. */
const POLL_MS = 1000

type Source = (signal: AbortSignal) => AsyncGenerator<ContainerChange, void, undefined>

/**
 * The runtime's events from the best source it has: CRI's own (containerd 1.7, CRI-O), else
 * containerd's, else none but a regular RELIST. A lost stream is opened again, and since events
 * were missed in between, that gives a RELIST.
 */
export async function* watchContainers(
  connection: GrpcConnection,
  runtime: ContainerRuntime,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): AsyncGenerator<ContainerEvent, void, undefined> {
  const sources: Source[] = [
    (until) => criEvents(connection, until),
    (until) => containerdEvents(connection, runtime, clock, until),
  ]
  while (!signal.aborted) {
    const source = sources[0]
    if (source === undefined) {
      yield { type: 'RELIST' }
      await pause(clock, POLL_MS, signal)
      continue
    }
    try {
      yield* followedByRelist(source, runtime, clock, signal)
      await pause(clock, RETRY_MS, signal)
    } catch (error) {
      if (signal.aborted) return
      if (hasRuntimeCode(error, 'Unimplemented')) {
        sources.shift()
        continue
      }
      logger.info('watching containers again', { error: formatError(error) })
      await pause(clock, RETRY_MS, signal)
    }
  }
}

/**
 * The events of one stream, and a RELIST once it is open. A Go server sends no headers before the
 * first event, so the answer to a call made after it on the same connection tells that it is open;
 * almost always, since the server works on both at once. A second RELIST makes up for the rest.
 */
async function* followedByRelist(
  source: Source,
  runtime: ContainerRuntime,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<ContainerEvent, void, undefined> {
  const queue = new EventQueue<ContainerEvent>()
  const stream = childAbort(signal)
  const pump = async () => {
    for await (const change of source(stream.signal)) queue.push(change)
    queue.end()
  }
  pump().catch((error) => queue.fail(error))
  runtime.version({ signal: stream.signal }).then(
    () => queue.push({ type: 'RELIST' }),
    (error) => queue.fail(error),
  )
  const again = clock.after(POLL_MS, () => queue.push({ type: 'RELIST' }))
  try {
    yield* queue
  } finally {
    again[Symbol.dispose]()
    stream.abort()
    stream[Symbol.dispose]()
  }
}

async function* criEvents(
  connection: GrpcConnection,
  signal: AbortSignal,
): AsyncGenerator<ContainerChange, void, undefined> {
  for await (const event of connection.stream(methods.getContainerEvents, {}, signal)) {
    yield {
      type: event.containerEventType,
      containerId: event.containerId,
      podSandboxId: event.podSandboxStatus?.id ?? '',
      createdAt: event.createdAt,
    }
  }
}

async function* containerdEvents(
  connection: GrpcConnection,
  runtime: ContainerRuntime,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<ContainerChange, void, undefined> {
  const changes = new SettledChanges(runtime, clock, signal)
  const pump = async () => {
    const request = { filters: EVENT_FILTERS }
    for await (const item of connection.stream(subscribeToEvents, request, signal)) {
      const event = parseContainerdEvent(item)
      if (event !== undefined) changes.add(event)
    }
    changes.end()
  }
  pump().catch((error) => changes.fail(error))
  yield* changes
}
