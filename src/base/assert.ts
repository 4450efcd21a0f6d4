/**
 * Ends the process on a programmer's error: what it says can only be false if the code is wrong.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}
