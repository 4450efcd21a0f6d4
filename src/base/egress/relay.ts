import { createServer } from 'node:net'
import { formatError, type Logger } from '../logger.ts'
import { pipeBothWays } from '../pipe-both-ways.ts'
import type { Dial, DialAddress } from './dial.ts'

export interface Relay {
  /** Rejects nothing: connections under way are cut. */
  close(): Promise<void>
}

/**
 * Listens on a socket file and leads each connection to one address by a dial: for libraries that
 * open connections themselves. Whoever may open the file may reach that address, so its folder must
 * be the caller's own.
 */
export async function openRelay(
  path: string,
  { dial, address, logger }: { dial: Dial; address: DialAddress; logger: Logger },
): Promise<Relay> {
  const abort = new AbortController()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const cut = () => socket.destroy()
    abort.signal.addEventListener('abort', cut, { once: true })
    socket.on('error', () => {})
    socket.once('close', () => abort.signal.removeEventListener('abort', cut))
    dial(address, abort.signal).then(
      (remote) => pipeBothWays(socket, remote),
      (error: unknown) => {
        const to = `${address.host}:${address.port}`
        logger.error('a connection could not be opened', { to, error: formatError(error) })
        socket.destroy()
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return {
    close: () =>
      new Promise((resolve) => {
        abort.abort(new Error('the relay is closed'))
        server.close(() => resolve())
      }),
  }
}
