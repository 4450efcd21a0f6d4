import type { StatusError } from '../machinery/status-error.ts'

/** Why a request got no answer of its own: the server cut it short, or its client went away. */
export type Termination = 'server' | 'client'

const terminations = new WeakMap<object, Termination>()

/** Notes, for metrics, that this error ends a request in defence of the server. */
export function terminating(error: StatusError, by: Termination = 'server'): StatusError {
  terminations.set(error, by)
  return error
}

/** Who has cut a request short that ended with this error; undefined for ordinary refusals. */
export function terminationOf(error: unknown): Termination | undefined {
  return typeof error === 'object' && error !== null ? terminations.get(error) : undefined
}
