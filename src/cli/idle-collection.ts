/** What V8 says of its heap. */
export interface HeapFacts {
  readonly usedBytes: number
  /** What it has taken from the system: what is used, and what it may use next. */
  readonly committedBytes: number
}

/** The share of its time for which an idle process is busy at most: leases, probes, heartbeats. */
const IDLE_UTILIZATION = 0.1

/** Less is not worth a pause. */
const WORTH_BYTES = 16 * 2 ** 20

/** A collection stops the process for about 0.6 ms for each MiB that is alive. */
const MOST_USED_BYTES = 112 * 2 ** 20

/**
 * Whether an idle process gives enough memory back for the pause of a collection. A large heap is
 * left alone: its owner has the memory, and would rather not wait.
 */
export function isWorthCollecting(
  { usedBytes, committedBytes }: HeapFacts,
  committedAtRestBytes: number,
  utilization: number,
): boolean {
  return (
    utilization < IDLE_UTILIZATION &&
    usedBytes <= MOST_USED_BYTES &&
    committedBytes - committedAtRestBytes >= WORTH_BYTES
  )
}
