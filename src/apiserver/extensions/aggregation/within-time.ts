import { type Clock, deadline } from '../../../base/clock.ts'
import { childAbort } from '../../../base/lifetime.ts'

/**
 * What a task gives that may take so many milliseconds. Rejects afterwards, and when it fails in
 * any other way; then its signal has aborted, so that nothing goes on which nobody waits for.
 */
export async function withinTime<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = childAbort(parent)
  try {
    return await deadline(clock, ms, 'request timed out', task(ending.signal))
  } catch (error) {
    ending.abort(error)
    throw error
  } finally {
    ending[Symbol.dispose]()
  }
}
