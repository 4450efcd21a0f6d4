import { setFlagsFromString } from 'node:v8'
import { type Clock, pause } from '../base/clock.ts'

/**
 * How much bytecode a function runs before V8 optimises it; its own default is 67,584. A server's
 * requests go through thousands of functions of which none is a hot loop, so that with the default
 * the first thousands of requests are interpreted: writes take a third longer.
 */
const INTERRUPT_BUDGET_BYTES = 10_000

/**
 * By how much the heap may grow until it is collected; V8's own limit is several times as much.
 * Each write replaces an object: what is resident after many is less, for a little of the time.
 */
const HEAP_GROWING_PERCENT = 50

/** Until what a start sets off has been done, too. */
const SETTLE_MS = 1000

/**
 * Sets the engine up for a process that answers requests, soon after it has started: what a start
 * runs is not run again, and optimising it would double the processor time of the start.
 */
export async function tuneEngine(clock: Clock, signal: AbortSignal): Promise<void> {
  if (!(await pause(clock, SETTLE_MS, signal))) return
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET_BYTES}`)
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`)
}
