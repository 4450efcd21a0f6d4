import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { badRequest } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'

/** As upstream's: no message of a terminal comes near it. */
const LARGEST_MESSAGE_BYTES = 32 * 1024 * 1024

/** The protocols that a client offers in `Sec-WebSocket-Protocol`, its favourite first. */
export function offeredProtocols({ headers }: ServerRequest): readonly string[] {
  if (headers['upgrade']?.toLowerCase() !== 'websocket') return []
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').flatMap((one) => one.trim() || [])
}

/**
 * Makes a WebSocket of a request's connection, with one of the protocols that it offers, or ''. It
 * is paused, so that no message comes before there is somebody to read it.
 */
export function acceptWebSocket(request: ServerRequest, protocol: string): Promise<WebSocket> {
  const { connection, method, headers, url } = request
  const takeOver = connection?.takeOver
  if (takeOver === undefined) throw badRequest('Upgrade request required')
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LARGEST_MESSAGE_BYTES,
  })
  // The names of tunnels have a slash, which the library takes for a mistake: it is not told.
  const { 'sec-websocket-protocol': _offered, ...others } = headers
  if (protocol !== '') {
    server.on('headers', (lines) => lines.push(`Sec-WebSocket-Protocol: ${protocol}`))
  }
  return new Promise((resolve, reject) => {
    const { socket, head } = takeOver.call(connection)
    const onClose = () => reject(badRequest('the client is gone, or its WebSocket key is wrong'))
    socket.once('close', onClose)
    // It reads no more of a request than these.
    const incoming = { method, headers: others, url } as unknown as IncomingMessage
    server.handleUpgrade(incoming, socket as Duplex, Buffer.from(head), (webSocket) => {
      socket.off('close', onClose)
      webSocket.on('error', () => {}) // A protocol error closes it, and that is noticed.
      webSocket.pause()
      resolve(webSocket)
    })
  })
}
