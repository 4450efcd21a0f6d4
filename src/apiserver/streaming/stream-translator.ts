import type { WebSocket } from 'ws'
import { SpdySession } from '../../base/spdy/spdy-session.ts'
import type { SpdyStream } from '../../base/spdy/spdy-stream.ts'
import { internalError, type Status, StatusError } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { acceptWebSocket } from './accept-websocket.ts'
import { exitStatusOf, SUCCESS } from './exit-status.ts'
import type { SendTo } from './forward.ts'
import { spdyHeaders } from './pod-port-forward.ts'
import { requestFailure, UnreachableError } from './reach-backend.ts'
import { readError } from './read-error.ts'

/** What kubectl speaks on a WebSocket: as version 4, and the end of stdin can be told. */
export const STREAM_PROTOCOL_V5 = 'v5.channel.k8s.io'
/** What kubelets speak on SPDY: the error stream ends with a Status. */
const STREAM_PROTOCOL_V4 = 'v4.channel.k8s.io'

/** The first byte of each message of the WebSocket. */
const Channel = { STDIN: 0, STDOUT: 1, STDERR: 2, ERROR: 3, RESIZE: 4, CLOSE: 255 } as const
/** More than this waits for the client, and the container waits with it. */
const MOST_BUFFERED_BYTES = 1024 * 1024

/** Which streams a client wants. */
export interface WantedStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** The streams of a command: `input` and `resize` towards it, the others from it. */
interface CommandStreams {
  readonly error: SpdyStream
  readonly input: SpdyStream | undefined
  readonly resize: SpdyStream | undefined
  readonly outputs: readonly { readonly channel: number; readonly stream: SpdyStream }[]
}

/**
 * Joins a client on a WebSocket (version 5) with a kubelet on SPDY (version 4), and resolves when
 * both are done. What goes wrong from here on is told on the error channel, since the client has
 * its 101 already.
 */
export async function translateStreams(
  request: ServerRequest,
  path: string,
  wanted: WantedStreams,
  sendTo: SendTo,
): Promise<ServerResponse> {
  const webSocket = await acceptWebSocket(request, STREAM_PROTOCOL_V5)
  const gone = new AbortController()
  webSocket.once('close', () => gone.abort())
  const onAbort = () => webSocket.terminate()
  request.signal.addEventListener('abort', onAbort, { once: true })
  webSocket.send(Uint8Array.of(firstOutput(wanted)))
  try {
    const status = await runCommand(request, path, wanted, sendTo, webSocket, gone.signal)
    await sendOn(webSocket, Channel.ERROR, Buffer.from(JSON.stringify(status)))
  } catch (error) {
    const failure = error instanceof StatusError ? error : internalError(error)
    await sendOn(webSocket, Channel.ERROR, Buffer.from(JSON.stringify(withoutKind(failure))))
  }
  request.signal.removeEventListener('abort', onAbort)
  webSocket.close(1000)
  webSocket.resume()
  return { type: 'upgraded' }
}

/** An empty message on it tells the client that the connection stands. */
function firstOutput({ stdout, stderr }: WantedStreams): number {
  if (stdout) return Channel.STDOUT
  return stderr ? Channel.STDERR : Channel.ERROR
}

async function runCommand(
  request: ServerRequest,
  path: string,
  wanted: WantedStreams,
  sendTo: SendTo,
  webSocket: WebSocket,
  gone: AbortSignal,
): Promise<object> {
  const session = await connect(request, path, sendTo)
  const onGone = () => session.destroy()
  gone.addEventListener('abort', onGone, { once: true })
  if (gone.aborted) session.destroy()
  try {
    const streams = await openStreams(session, wanted)
    receive(webSocket, streams)
    const errorText = textOf(streams.error)
    await Promise.all(
      streams.outputs.map(({ channel, stream }) => copyToClient(stream, webSocket, channel)),
    )
    const text = await errorText
    return text === '' ? SUCCESS : exitStatusOf(text)
  } finally {
    gone.removeEventListener('abort', onGone)
    session.destroy()
  }
}

async function connect(request: ServerRequest, path: string, sendTo: SendTo): Promise<SpdySession> {
  const headers = { ...spdyHeaders(request), 'x-stream-protocol-version': STREAM_PROTOCOL_V4 }
  const answer = await sendTo({ method: 'POST', path, headers, signal: request.signal }).catch(
    (error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error
      throw internalError(`error sending request: ${requestFailure('POST', error)}`)
    },
  )
  if (answer.type === 'upgraded') {
    return new SpdySession(answer.socket, { role: 'client' }, answer.head)
  }
  const text = await readError(answer.body)
  throw statusIn(text) ?? internalError(`unable to upgrade connection: ${text}`)
}

function statusIn(text: string): StatusError | undefined {
  try {
    const status = JSON.parse(text) as Partial<Status>
    return status.kind === 'Status' ? StatusError.fromStatus(status) : undefined
  } catch {
    return undefined
  }
}

/** In upstream's order, each taken by the kubelet before the next is asked for. */
async function openStreams(session: SpdySession, wanted: WantedStreams): Promise<CommandStreams> {
  const open = async (streamType: string) => session.openStream({ streamtype: [streamType] })
  const error = await open('error')
  const input = wanted.stdin ? await open('stdin') : undefined
  const stdout = wanted.stdout ? await open('stdout') : undefined
  // A terminal has one output: its errors are among it.
  const stderr = wanted.stderr && !wanted.tty ? await open('stderr') : undefined
  const resize = wanted.tty ? await open('resize') : undefined
  input?.resume()
  resize?.resume()
  const outputs = [
    { channel: Channel.STDOUT, stream: stdout },
    { channel: Channel.STDERR, stream: stderr },
  ].flatMap(({ channel, stream }) => (stream === undefined ? [] : [{ channel, stream }]))
  return { error, input, resize, outputs }
}

/** What the client sends: input, window sizes, and the end of the input. */
function receive(webSocket: WebSocket, { input, resize }: CommandStreams): void {
  webSocket.on('message', (data: Buffer) => {
    const channel = data[0]
    const body = data.subarray(1)
    if (channel === Channel.CLOSE && body[0] === Channel.STDIN) input?.end()
    const stream =
      channel === Channel.STDIN ? input : channel === Channel.RESIZE ? resize : undefined
    if (stream === undefined || body.length === 0 || stream.writableEnded) return
    if (!stream.write(body)) webSocket.pause()
  })
  for (const stream of [input, resize]) {
    stream?.on('drain', () => webSocket.resume())
    stream?.once('close', () => webSocket.resume())
  }
  webSocket.resume()
}

function copyToClient(stream: SpdyStream, webSocket: WebSocket, channel: number): Promise<void> {
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      const sent = sendOn(webSocket, channel, chunk)
      if (webSocket.bufferedAmount <= MOST_BUFFERED_BYTES) return
      stream.pause()
      sent.finally(() => stream.resume())
    })
    stream.once('end', resolve)
    stream.once('close', resolve)
  })
}

/** Resolves when the message was handed to the network, or the client has gone. */
function sendOn(webSocket: WebSocket, channel: number, body: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (webSocket.readyState !== webSocket.OPEN) {
      resolve()
      return
    }
    const message = Buffer.concat([Uint8Array.of(channel), body])
    webSocket.send(message, { binary: true }, () => resolve())
  })
}

function textOf(stream: SpdyStream): Promise<string> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    const finish = () => resolve(Buffer.concat(chunks).toString())
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', finish)
    stream.once('close', finish)
  })
}

/** On the error channel a Status has neither kind nor version. */
function withoutKind(error: StatusError): object {
  const { kind: _kind, apiVersion: _apiVersion, ...status } = error.toStatus()
  return status
}
