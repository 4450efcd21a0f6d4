import type { Duplex } from 'node:stream'
import type { BackendHeaders, BackendRequest, HttpTarget, SendRequest } from './http-backend.ts'
import { pipeBothWays } from './pipe-both-ways.ts'

/** The client's side of an upgrade: its raw connection, before anything was answered on it. */
export interface UpgradeClient {
  readonly socket: Duplex
  /** What the client has sent after the head of its request. */
  readonly head: Uint8Array
}

/**
 * Passes an upgrade on to another server, byte for byte: its 101, and from then on whatever either
 * side sends; or its refusal. Resolves when both connections have ended; rejects, with nothing
 * answered yet, where the server cannot be reached.
 */
export async function proxyUpgrade(
  client: UpgradeClient,
  target: HttpTarget,
  request: BackendRequest,
  send: SendRequest,
): Promise<void> {
  const { socket } = client
  const answer = await send(target, request)
  if (answer.type === 'upgraded') {
    socket.write(formatHead(101, 'Switching Protocols', answer.headers, answer.cookies))
    if (answer.head.length > 0) socket.write(answer.head)
    if (client.head.length > 0) answer.socket.write(client.head)
    await pipeBothWays(socket, answer.socket)
    return
  }
  // The body's end is the connection's: how it was cut into chunks is gone.
  const { 'transfer-encoding': _chunks, 'keep-alive': _idle, ...headers } = answer.headers
  const closing = { ...headers, connection: 'close' }
  socket.write(formatHead(answer.code, 'Refused', closing, answer.cookies))
  answer.body.pipe(socket)
  await new Promise((resolve) => socket.once('close', resolve))
}

/** The head of an HTTP/1.1 answer. A line break in a value would begin another header. */
export function formatHead(
  code: number,
  reason: string,
  headers: BackendHeaders,
  cookies: readonly string[] = [],
): string {
  const all = [
    ...Object.entries(headers),
    ...cookies.map((cookie) => ['set-cookie', cookie] as const),
  ]
  const lines = all.map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}\r\n`)
  return `HTTP/1.1 ${code} ${reason}\r\n${lines.join('')}\r\n`
}
