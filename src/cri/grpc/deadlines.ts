/** What upstream's kubelet grants a call unless told otherwise (--runtime-request-timeout). */
export const DEFAULT_DEADLINE_MS = 2 * 60_000

/** A sandbox waits for its network plugins, and may pull the pause image: twice as long. */
export const SANDBOX_DEADLINE_MS = 2 * DEFAULT_DEADLINE_MS

/** A call that itself waits for `seconds` gets that on top; without a limit it has none here. */
export function deadlineAfter(seconds: number): number {
  return DEFAULT_DEADLINE_MS + seconds * 1000
}
