import type { Duplex } from 'node:stream'
import {
  controlFrame,
  dataFrameHeader,
  FLAG_FIN,
  type Frame,
  FrameReader,
  FrameType,
  FramingError,
  ResetCode,
  SETTINGS_INITIAL_WINDOW_SIZE,
} from './frames.ts'
import { HeaderCompressor, HeaderDecompressor, type SpdyHeaders } from './header-block.ts'
import { SpdyStream, type StreamPort } from './spdy-stream.ts'

export interface SpdySessionOptions {
  /** Who began the connection opens streams with odd numbers. */
  readonly role: 'client' | 'server'
  /** A stream that the other side opens; `accept` or `refuse` it. Refused when absent. */
  readonly onStream?: (stream: SpdyStream) => void
}

/** How much of one stream is held for a slow reader. */
const RECEIVE_WINDOW_BYTES = 256 * 1024
const LAST_STREAM_ID = 0x7fffffff

interface Opening {
  readonly stream: SpdyStream
  readonly resolve: (stream: SpdyStream) => void
  readonly reject: (error: Error) => void
}

/**
 * A SPDY/3.1 connection over any byte stream, for either side.
 *
 * Flow control: we say what we hold (SETTINGS) and grant what was read (WINDOW_UPDATE). The Go
 * library that all of Kubernetes uses does neither, and would never grant anything to who waits for
 * it; so the windows of the other side bind us only if it has announced them by SETTINGS. Towards
 * others a slow reader is met by not reading the connection.
 */
export class SpdySession {
  readonly #transport: Duplex
  readonly #options: SpdySessionOptions
  readonly #streams = new Map<number, SpdyStream>()
  readonly #openings = new Map<number, Opening>()
  readonly #pings = new Map<number, () => void>()
  readonly #waitingWriters: (() => void)[] = []
  readonly #compressor = new HeaderCompressor()
  readonly #decompressor = new HeaderDecompressor()
  readonly #port: StreamPort
  #peerWindow = Number.POSITIVE_INFINITY
  #nextStreamId: number
  #nextPingId: number
  #lastPeerStreamId = 0
  #isGoingAway = false
  #isClosed = false
  /** Resolves when the connection has ended, however that was. */
  readonly closed: Promise<void>

  constructor(transport: Duplex, options: SpdySessionOptions, head: Uint8Array = Buffer.alloc(0)) {
    this.#transport = transport
    this.#options = options
    const first = options.role === 'client' ? 1 : 2
    this.#nextStreamId = first
    this.#nextPingId = first
    this.#port = this.#createPort()
    const reader = new FrameReader((frame) => this.#onFrame(frame))
    const onChunk = (chunk: Buffer) => {
      try {
        reader.push(chunk)
      } catch (error) {
        this.destroy(error as Error)
      }
    }
    this.closed = new Promise((resolve) => {
      transport.once('close', () => {
        this.#end()
        this.#wakeWriters()
        resolve()
      })
    })
    transport.on('error', (error) => this.#end(error))
    transport.on('drain', () => this.#wakeWriters())
    transport.once('end', () => this.#end())
    const window = [SETTINGS_INITIAL_WINDOW_SIZE, RECEIVE_WINDOW_BYTES]
    this.#send(controlFrame(FrameType.SETTINGS, 0, [1, ...window]))
    if (head.length > 0) onChunk(Buffer.from(head))
    transport.on('data', onChunk)
  }

  get streamCount(): number {
    return this.#streams.size
  }

  /** Opens a stream; resolves when the other side has taken it, rejects when it refuses. */
  openStream(headers: SpdyHeaders): Promise<SpdyStream> {
    const id = this.#nextStreamId
    if (this.#isClosed || this.#isGoingAway || id > LAST_STREAM_ID) {
      return Promise.reject(new Error('the SPDY connection takes no more streams'))
    }
    this.#nextStreamId += 2
    const stream = this.#createStream(id, headers, true)
    return new Promise((resolve, reject) => {
      this.#openings.set(id, { stream, resolve, reject })
      const block = this.#compressor.compress(headers)
      // Stream, associated stream, then 16 bits of priority and slot; the block follows at once.
      const prefix = Buffer.alloc(2)
      const bytes = Buffer.concat([prefix, block])
      this.#send(controlFrame(FrameType.SYN_STREAM, 0, [id, 0], bytes))
    })
  }

  /** Resolves when the other side has answered. */
  ping(): Promise<void> {
    const id = this.#nextPingId
    this.#nextPingId += 2
    return new Promise((resolve) => {
      this.#pings.set(id, resolve)
      this.#send(controlFrame(FrameType.PING, 0, [id]))
    })
  }

  /** Takes no new streams, and ends the connection when those that there are have ended. */
  close(): void {
    if (this.#isGoingAway) return
    this.#isGoingAway = true
    this.#send(controlFrame(FrameType.GOAWAY, 0, [this.#lastPeerStreamId, 0]))
    this.#endWhenIdle()
  }

  /** Ends the connection and all streams where they stand. */
  destroy(error?: Error): void {
    this.#end(error)
    this.#transport.destroy()
  }

  #createPort(): StreamPort {
    return {
      sendReply: (id) => {
        const block = this.#compressor.compress({})
        this.#send(controlFrame(FrameType.SYN_REPLY, 0, [id], block))
      },
      sendReset: (id, code) => this.#send(controlFrame(FrameType.RST_STREAM, 0, [id, code])),
      sendData: (id, body, isEnd, onTaken) => {
        this.#transport.cork()
        this.#send(dataFrameHeader(id, body.length, isEnd))
        const wantsMore = body.length === 0 || this.#send(body)
        this.#transport.uncork()
        if (wantsMore || this.#isClosed) onTaken()
        else this.#waitingWriters.push(onTaken)
      },
      sendWindowUpdate: (id, bytes) => {
        this.#send(controlFrame(FrameType.WINDOW_UPDATE, 0, [id, bytes]))
      },
      onRoom: () => this.#resumeIfRoom(),
      onClosed: (stream) => {
        this.#streams.delete(stream.id)
        this.#resumeIfRoom()
        if (this.#isGoingAway) this.#endWhenIdle()
      },
    }
  }

  #createStream(id: number, headers: SpdyHeaders, isInitiator: boolean): SpdyStream {
    const stream = new SpdyStream({
      id,
      headers,
      port: this.#port,
      receiveWindow: RECEIVE_WINDOW_BYTES,
      sendWindow: this.#peerWindow,
      isInitiator,
    })
    this.#streams.set(id, stream)
    return stream
  }

  #onFrame(frame: Frame): void {
    if (frame.kind === 'control') {
      this.#onControl(frame)
      return
    }
    const stream = this.#streams.get(frame.streamId)
    if (stream === undefined) return
    if (!stream.receive(frame.body, frame.isEnd)) this.#transport.pause()
  }

  #onControl({ type, flags, body }: Frame & { kind: 'control' }): void {
    switch (type) {
      case FrameType.SYN_STREAM:
        this.#onSynStream(numberAt(body, 0), flags, body)
        break
      case FrameType.SYN_REPLY:
        // Every block must be read: the next ones refer to it.
        this.#decompressor.decompress(body.subarray(4))
        this.#onSynReply(numberAt(body, 0), flags)
        break
      case FrameType.HEADERS:
        this.#decompressor.decompress(body.subarray(4))
        if ((flags & FLAG_FIN) !== 0) this.#streams.get(numberAt(body, 0))?.receive(NOTHING, true)
        break
      case FrameType.RST_STREAM:
        this.#onReset(numberAt(body, 0), numberAt(body, 4))
        break
      case FrameType.SETTINGS:
        this.#onSettings(body)
        break
      case FrameType.PING:
        this.#onPing(numberAt(body, 0))
        break
      case FrameType.GOAWAY:
        this.#onGoAway(numberAt(body, 0))
        break
      case FrameType.WINDOW_UPDATE:
        this.#streams.get(numberAt(body, 0))?.grant(numberAt(body, 4) & 0x7fffffff)
    }
  }

  #onSynStream(id: number, flags: number, body: Buffer): void {
    const headers = this.#decompressor.decompress(body.subarray(10))
    const isTheirs = id % 2 === (this.#options.role === 'server' ? 1 : 0)
    if (!isTheirs || id <= this.#lastPeerStreamId) {
      this.#send(controlFrame(FrameType.RST_STREAM, 0, [id, ResetCode.PROTOCOL_ERROR]))
      return
    }
    this.#lastPeerStreamId = id
    if (this.#isGoingAway || this.#options.onStream === undefined) {
      this.#send(controlFrame(FrameType.RST_STREAM, 0, [id, ResetCode.REFUSED_STREAM]))
      return
    }
    const stream = this.#createStream(id, headers, false)
    if ((flags & FLAG_FIN) !== 0) stream.receive(NOTHING, true)
    this.#options.onStream(stream)
  }

  #onSynReply(id: number, flags: number): void {
    const opening = this.#openings.get(id)
    if (opening === undefined) return
    this.#openings.delete(id)
    opening.stream.begin(this.#peerWindow)
    if ((flags & FLAG_FIN) !== 0) opening.stream.receive(NOTHING, true)
    opening.resolve(opening.stream)
  }

  #onReset(id: number, code: number): void {
    const opening = this.#openings.get(id)
    this.#openings.delete(id)
    opening?.reject(new Error(`the stream was refused (${code})`))
    this.#streams.get(id)?.cut()
  }

  #onSettings(body: Buffer): void {
    const count = numberAt(body, 0)
    for (let entry = 0; entry < count; entry++) {
      const id = numberAt(body, 4 + entry * 8) & 0xffffff
      if (id !== SETTINGS_INITIAL_WINDOW_SIZE) continue
      const before = this.#peerWindow
      this.#peerWindow = numberAt(body, 8 + entry * 8)
      // Our streams learn the window with their reply, which follows; theirs began without one.
      if (before === Number.POSITIVE_INFINITY) continue
      for (const stream of this.#streams.values()) stream.grant(this.#peerWindow - before)
    }
  }

  #onPing(id: number): void {
    const isOurs = id % 2 === (this.#options.role === 'client' ? 1 : 0)
    if (!isOurs) {
      this.#send(controlFrame(FrameType.PING, 0, [id]))
      return
    }
    this.#pings.get(id)?.()
    this.#pings.delete(id)
  }

  /** The other side takes no more streams; those after the last that it has seen never began. */
  #onGoAway(lastStreamId: number): void {
    this.#isGoingAway = true
    for (const [id, { stream, reject }] of this.#openings) {
      if (id <= lastStreamId) continue
      this.#openings.delete(id)
      reject(new Error('the other side is going away'))
      stream.cut()
    }
    this.#endWhenIdle()
  }

  #endWhenIdle(): void {
    if (this.#streams.size === 0 && !this.#isClosed) this.#transport.end()
  }

  #end(error?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isGoingAway = true
    for (const { reject } of this.#openings.values()) {
      reject(error ?? new Error('the SPDY connection has ended'))
    }
    this.#openings.clear()
    for (const stream of [...this.#streams.values()]) stream.cut()
    for (const resolve of this.#pings.values()) resolve()
    this.#pings.clear()
    if (!this.#transport.destroyed) this.#transport.end()
  }

  /** Whether the transport wants more. */
  #send(bytes: Buffer): boolean {
    if (this.#isClosed || !this.#transport.writable) return false
    return this.#transport.write(bytes)
  }

  /** All streams whose writes wait for the transport go on, in their order. */
  #wakeWriters(): void {
    for (const wake of this.#waitingWriters.splice(0)) wake()
  }

  #resumeIfRoom(): void {
    if (!this.#transport.isPaused()) return
    for (const stream of this.#streams.values()) {
      if (stream.readableLength > RECEIVE_WINDOW_BYTES) return
    }
    this.#transport.resume()
  }
}

const NOTHING = Buffer.alloc(0)

function numberAt(body: Buffer, offset: number): number {
  if (body.length < offset + 4) throw new FramingError('a frame is shorter than its type needs')
  return body.readUInt32BE(offset)
}
