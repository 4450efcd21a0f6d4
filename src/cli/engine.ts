import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Clock, pause } from '../base/clock.ts'
import { type HeapFacts, isWorthCollecting } from './idle-collection.ts'

/**
 * How much bytecode a function runs before V8 optimises it; its own default is 67,584. A server's
 * requests go through thousands of functions of which none is a hot loop, so that with the default
 * the first thousands of requests are interpreted: writes take a third longer.
 */
const INTERRUPT_BUDGET_BYTES = 4_000

/**
 * By how much the heap may grow until it is collected; V8's own limit is several times as much.
 * Each write replaces an object: what is resident after many is less, for a little of the time.
 */
const HEAP_GROWING_PERCENT = 50

/** Until what a start sets off has been done, too. */
const SETTLE_MS = 1000

/** How long the process is watched before it counts as idle. */
const IDLE_MS = 5000

/**
 * Sets the engine up for a process that answers requests, soon after it has started: what a start
 * runs is not run again, and optimising it would double the processor time of the start. Then it
 * gives back memory whenever there is little to do, until the signal aborts.
 */
export async function tuneEngine(clock: Clock, signal: AbortSignal): Promise<void> {
  if (!(await pause(clock, SETTLE_MS, signal))) return
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET_BYTES}`)
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await collectWhenIdle(clock, signal, collect)
}

/** V8 collects when memory is asked for; whoever has become idle asks for none, and keeps all. */
async function collectWhenIdle(clock: Clock, signal: AbortSignal, collect: () => void) {
  let committedAtRestBytes = 0
  let before = performance.eventLoopUtilization()
  while (await pause(clock, IDLE_MS, signal)) {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    if (!isWorthCollecting(heapFacts(), committedAtRestBytes, utilization)) continue
    collect()
    committedAtRestBytes = heapFacts().committedBytes
  }
}

function heapFacts(): HeapFacts {
  const { used_heap_size, total_heap_size } = getHeapStatistics()
  return { usedBytes: used_heap_size, committedBytes: total_heap_size }
}
