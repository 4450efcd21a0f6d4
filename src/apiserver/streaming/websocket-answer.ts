import type { WebSocket } from 'ws'
import { badRequest } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import type { UpgradedResponse, WatchFormat, WatchFrame } from '../response.ts'
import { acceptWebSocket, offeredProtocols } from './accept-websocket.ts'

/** By which protocol each piece of a stream is a message as it is, or in base64. */
const STREAM_PROTOCOLS = ['binary.k8s.io', 'base64.binary.k8s.io']
const IN_BASE64 = 'base64.binary.k8s.io'
/** In front of each event in protobuf stands its length, which a message has by itself. */
const LENGTH_BYTES = 4
const NORMAL_CLOSURE = 1000
const INTERNAL_ERROR = 1011

/** Whether a client wants what comes bit by bit as messages, which is what browsers can read. */
export function wantsWebSocket({ headers }: ServerRequest): boolean {
  return headers['upgrade']?.toLowerCase() === 'websocket'
}

/** Of those that a client offers for a stream; '' where it offers none, which means bytes too. */
export function chooseStreamProtocol(request: ServerRequest): string {
  const offered = offeredProtocols(request)
  if (offered.length === 0) return ''
  const chosen = offered.find((one) => STREAM_PROTOCOLS.includes(one))
  if (chosen !== undefined) return chosen
  throw badRequest(`requested protocol(s) are not supported: [${offered.join(' ')}]`)
}

/**
 * Sends a stream as messages and resolves when it has ended. `end` is called when the client goes
 * first. An empty message tells the client at once that the connection stands.
 */
export async function streamOverWebSocket(
  request: ServerRequest,
  protocol: string,
  body: AsyncIterable<Uint8Array>,
  end: () => void,
): Promise<UpgradedResponse> {
  const inBase64 = protocol === IN_BASE64
  const socket = await acceptOr(end, request, protocol)
  await send(socket, inBase64 ? '' : new Uint8Array())
  return sendAll(request, socket, messagesOf(body, inBase64), end)
}

/** Sends each event of a watch as a message, of text where it is JSON. */
export async function watchOverWebSocket(
  request: ServerRequest,
  format: WatchFormat,
  batches: AsyncIterable<readonly WatchFrame[]>,
  end: () => void,
): Promise<UpgradedResponse> {
  const [protocol = '', ...others] = offeredProtocols(request)
  if (others.length > 0) end()
  if (others.length > 0) throw badRequest('a watch has at most one WebSocket protocol')
  const socket = await acceptOr(end, request, protocol)
  return sendAll(request, socket, eventsOf(batches, format), end)
}

async function acceptOr(
  end: () => void,
  request: ServerRequest,
  protocol: string,
): Promise<WebSocket> {
  try {
    return await acceptWebSocket(request, protocol)
  } catch (error) {
    end()
    throw error
  }
}

async function* messagesOf(body: AsyncIterable<Uint8Array>, inBase64: boolean) {
  for await (const piece of body) yield inBase64 ? Buffer.from(piece).toString('base64') : piece
}

async function* eventsOf(batches: AsyncIterable<readonly WatchFrame[]>, format: WatchFormat) {
  for await (const batch of batches) {
    for (const frame of batch) {
      const bytes = frame.bytes(format)
      if (format === 'cbor') yield bytes
      else yield format === 'json' ? Buffer.from(bytes).toString() : bytes.subarray(LENGTH_BYTES)
    }
  }
}

async function sendAll(
  request: ServerRequest,
  socket: WebSocket,
  messages: AsyncIterable<string | Uint8Array>,
  end: () => void,
): Promise<UpgradedResponse> {
  let isGone = false
  let code = NORMAL_CLOSURE
  socket.once('close', () => {
    isGone = true
    end()
  })
  const onAbort = () => socket.terminate()
  request.signal.addEventListener('abort', onAbort, { once: true })
  socket.resume() // What the client says is read, so that its farewell is noticed, and ignored.
  try {
    for await (const message of messages) {
      await send(socket, message)
      if (isGone) break
    }
  } catch {
    code = INTERNAL_ERROR // The source has broken off; the client has its 101 already.
  }
  request.signal.removeEventListener('abort', onAbort)
  socket.close(code)
  return { type: 'upgraded' }
}

/** Resolves when the client has room for more; a failure is noticed by the socket's end. */
function send(socket: WebSocket, message: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.send(message, () => resolve()))
}
