import { openSync, readSync } from 'node:fs'

/**
 * Loaded into a server before its program: tells its parent, whenever that asks, for how much
 * processor time its event loop was kept from going round at most since it was asked last, in
 * milliseconds. By processor time, since others on the machine may hold the process up as well; what
 * is less than two milliseconds is not told apart. Linux only.
 */
const INTERVAL_MS = 2

const file = openSync('/proc/self/schedstat', 'r')
const text = Buffer.alloc(64)
let longestMs = 0
let lastMs = usedMs()
setInterval(() => {
  const now = usedMs()
  longestMs = Math.max(longestMs, now - lastMs)
  lastMs = now
}, INTERVAL_MS).unref()
process.on('message', () => {
  process.send?.(longestMs)
  longestMs = 0
})

/** Of the thread that runs the event loop: the first of three numbers, in nanoseconds. */
function usedMs(): number {
  const length = readSync(file, text, 0, text.length, 0)
  return Number.parseInt(text.toString('latin1', 0, length), 10) / 1e6
}
