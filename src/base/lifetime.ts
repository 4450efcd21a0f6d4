import { setMaxListeners } from 'node:events'
import { formatError, type Logger } from './logger.ts'

/** A component: it runs until the signal aborts *and* all that it started is at rest. */
export interface Component {
  readonly name: string
  run(signal: AbortSignal): Promise<void>
}

/** A controller that aborts when its parent does, and that can be aborted alone. */
export function childAbort(parent: AbortSignal): AbortController & Disposable {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const onAbort = () => controller.abort(parent.reason)
  if (parent.aborted) onAbort()
  else parent.addEventListener('abort', onAbort, { once: true })
  return Object.assign(controller, {
    [Symbol.dispose]: () => parent.removeEventListener('abort', onAbort),
  })
}

/** Starts work whose outcome nobody awaits: a failure is logged, never lost and never fatal. */
export function inBackground(logger: Logger, what: string, work: Promise<unknown>): void {
  work.catch((error) => logger.error('background work failed', { what, error: formatError(error) }))
}

/** Resolves when the signal aborts; at once where it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
