import type { EventEmitter } from 'node:events'

/**
 * Goes on where what is printed cannot be written: to a log on a full disk, or to a reader that is
 * gone. Node's own answer is to end the process, and with it a server that could go on.
 */
export function loseOutput(
  streams: readonly EventEmitter[] = [process.stdout, process.stderr],
): void {
  for (const stream of streams) stream.on('error', () => {})
}
