/** The only source of time: no other module may touch `Date.now`, `performance` or timers. */
export interface Clock {
  /** Wall-clock milliseconds since the epoch. May jump; never subtract two of these. */
  now(): number
  /** Milliseconds from an arbitrary origin that never go back. For measuring elapsed time. */
  monotonic(): number
  /** Calls `fn` once after `ms`, unless disposed first. */
  after(ms: number, fn: () => void): Disposable
}

/** setTimeout fires at once for anything longer than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn) {
    let timer: NodeJS.Timeout
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMER_MS)
      timer = setTimeout(() => (left > step ? arm(left - step) : fn()), step)
    }
    arm(ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** Resolves after `ms`; rejects with the signal's reason if it aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      timer[Symbol.dispose]()
      reject(signal?.reason)
    }
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** As `sleep`, but an abort only ends the wait early: true when the whole time has passed. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, ms, signal)
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}

/** The promise's outcome, or a rejection with `message` when `ms` pass first. */
export function deadline<T>(
  clock: Clock,
  ms: number,
  message: string,
  promise: Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => reject(new Error(message)))
    promise.then(resolve, reject).finally(() => timer[Symbol.dispose]())
  })
}

/** A `metav1.Time`: RFC 3339 in UTC, whole seconds. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** A `metav1.MicroTime`: RFC 3339 in UTC with six digits of a second. */
export function formatMicroTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`
}
