import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { inBackground } from '../base/lifetime.ts'
import type { Logger } from '../base/logger.ts'
import type { DnsServer } from './dns-server.ts'
import { frame, takeMessage } from './forwarder.ts'

/** A client that says nothing for so long is cut off. */
const TCP_IDLE_MS = 10_000

/**
 * Serves names over UDP and TCP on one address. Resolves when both listen; dispose to stop.
 * Rejects with the system's error where the port is taken.
 */
export async function listenDns(
  server: DnsServer,
  address: string,
  port: number,
  logger: Logger,
): Promise<AsyncDisposable & { readonly port: number }> {
  const connections = new Set<Socket>()
  const tcp = createServer((socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    serveConnection(server, socket, logger)
  })
  tcp.listen(port, address)
  await once(tcp, 'listening')
  const bound = (tcp.address() as { port: number }).port
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  udp.on('message', (message, { address: client, port: clientPort }) => {
    const work = server.answer(message, false).then((answer) => {
      if (answer !== undefined) udp.send(answer, clientPort, client)
    })
    inBackground(logger, 'answering a DNS query', work)
  })
  udp.bind(bound, address)
  await once(udp, 'listening')
  udp.on('error', (error) => logger.error('DNS socket failed', { error }))
  return {
    port: bound,
    async [Symbol.asyncDispose]() {
      udp.close()
      tcp.close()
      for (const socket of connections) socket.destroy()
      await once(tcp, 'close')
    },
  }
}

function serveConnection(server: DnsServer, socket: Socket, logger: Logger): void {
  let received: Buffer = Buffer.alloc(0)
  socket.setTimeout(TCP_IDLE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    for (let query = takeMessage(received); query !== undefined; query = takeMessage(received)) {
      received = received.subarray(2 + query.length)
      const work = server.answer(query, true).then((answer) => {
        if (answer === undefined) socket.destroy()
        else if (socket.writable) socket.write(frame(answer))
      })
      inBackground(logger, 'answering a DNS query', work)
    }
  })
}
