import type { ServerRequest } from './request.ts'

/** What a request waited for that is not the server's own work. */
interface WaitingTime {
  /** Webhooks that change objects are asked one after the other. */
  mutatingMs: number
  /** Those that judge them, at the same time: the slowest counts. */
  validatingMs: number
  /** Its turn, by priority and fairness. */
  queueMs: number
}

/** Of the few requests that waited at all. */
const waits = new WeakMap<ServerRequest, WaitingTime>()
let isAnyKnown = false

/** Notes what a request has waited for: times of one sort add up, or the longest counts. */
export function noteWait(request: ServerRequest, sort: keyof WaitingTime, ms: number): void {
  let wait = waits.get(request)
  if (wait === undefined) {
    wait = { mutatingMs: 0, validatingMs: 0, queueMs: 0 }
    waits.set(request, wait)
    isAnyKnown = true
  }
  wait[sort] = sort === 'mutatingMs' ? wait[sort] + ms : Math.max(wait[sort], ms)
}

/** What a request has waited for; undefined where that is nothing. */
export function waitsOf(request: ServerRequest): Readonly<WaitingTime> | undefined {
  return isAnyKnown ? waits.get(request) : undefined
}

/** Milliseconds that a request waited for others, which nobody can blame on the server. */
export function waitingMsOf(request: ServerRequest): number {
  const wait = waitsOf(request)
  return wait === undefined ? 0 : wait.mutatingMs + wait.validatingMs + wait.queueMs
}
