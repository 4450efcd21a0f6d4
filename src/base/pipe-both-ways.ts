import type { Duplex } from 'node:stream'

/**
 * Copies each stream into the other until both have ended. An end is passed on as an end, so that
 * half-closed connections work; a broken stream breaks the other. Never rejects.
 */
export function pipeBothWays(left: Duplex, right: Duplex): Promise<void> {
  const closed = (stream: Duplex) =>
    new Promise<void>((resolve) => {
      if (stream.destroyed) resolve()
      else stream.once('close', () => resolve())
    })
  const breakOther = (stream: Duplex, other: Duplex) => {
    if (stream.destroyed) other.destroy()
    stream.on('error', () => other.destroy())
    stream.once('close', () => {
      // Without an end before it, the other side must see that something is missing.
      if (!stream.readableEnded || other.writableFinished) other.destroy()
      else other.end(() => other.destroy())
    })
  }
  breakOther(left, right)
  breakOther(right, left)
  left.pipe(right)
  right.pipe(left)
  return Promise.all([closed(left), closed(right)]).then(() => {})
}
