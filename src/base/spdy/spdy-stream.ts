import { Duplex } from 'node:stream'
import { ResetCode } from './frames.ts'
import type { SpdyHeaders } from './header-block.ts'

/** Larger writes are sent as several frames, so that other streams get their turn. */
const LARGEST_DATA_BYTES = 64 * 1024

/** What a stream needs of its session. */
export interface StreamPort {
  sendReply(streamId: number): void
  sendReset(streamId: number, code: number): void
  /** Calls back when the transport wants more; `isEnd` half-closes the stream. */
  sendData(streamId: number, body: Buffer, isEnd: boolean, onTaken: () => void): void
  sendWindowUpdate(streamId: number, bytes: number): void
  /** The reader of this stream has room again. */
  onRoom(): void
  onClosed(stream: SpdyStream): void
}

/**
 * One stream of a SPDY session. To end it half-closes: the other side may go on sending. To destroy
 * it resets it. `end` comes when the other side has ended its half.
 */
export class SpdyStream extends Duplex {
  readonly id: number
  /** Of the SYN_STREAM that opened it. */
  readonly spdyHeaders: SpdyHeaders
  readonly #port: StreamPort
  readonly #initialWindow: number
  #receivedBytes = 0
  /** What the other side was told to have been read. */
  #acknowledgedBytes = 0
  /** Bytes that may be sent before the other side grants more; Infinity without flow control. */
  #sendWindow: number
  #blocked: (() => void) | undefined
  #isReplied: boolean
  #isRemoteEnded = false
  #isReset = false

  constructor(options: {
    readonly id: number
    readonly headers: SpdyHeaders
    readonly port: StreamPort
    readonly receiveWindow: number
    /** Infinity where the other side has announced none. */
    readonly sendWindow: number
    readonly isInitiator: boolean
  }) {
    super({ allowHalfOpen: true, readableHighWaterMark: options.receiveWindow, emitClose: true })
    this.id = options.id
    this.spdyHeaders = options.headers
    this.#port = options.port
    this.#initialWindow = options.receiveWindow
    this.#sendWindow = options.sendWindow
    this.#isReplied = options.isInitiator
  }

  /** The first value of a header, such as `streamtype`; '' where it is absent. */
  header(name: string): string {
    return this.spdyHeaders[name]?.[0] ?? ''
  }

  /** Takes a stream that the other side has opened. */
  accept(): void {
    if (this.#isReplied || this.destroyed) return
    this.#isReplied = true
    this.#port.sendReply(this.id)
  }

  /** Refuses a stream that the other side has opened. */
  refuse(): void {
    this.#isReset = true
    this.#port.sendReset(this.id, ResetCode.REFUSED_STREAM)
    this.destroy()
  }

  /** The session's: bytes arrived. False where the reader has more than it should hold. */
  receive(body: Buffer, isEnd: boolean): boolean {
    if (this.destroyed || this.#isRemoteEnded) return true
    this.#receivedBytes += body.length
    if (body.length > 0) this.push(body)
    if (isEnd) {
      this.#isRemoteEnded = true
      this.push(null)
    }
    this.#acknowledge()
    return this.readableLength <= this.#initialWindow
  }

  /**
   * The session's: the other side has reset the stream, or the connection has gone. What has
   * arrived can still be read, as from a stream that ended; what is written is lost.
   */
  cut(): void {
    if (this.#isReset) return
    this.#isReset = true
    if (!this.#isRemoteEnded) {
      this.#isRemoteEnded = true
      this.push(null)
    }
    this.#unblock()
    if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
  }

  /** The session's: the other side has taken the stream, and announced this window before. */
  begin(sendWindow: number): void {
    this.#sendWindow = sendWindow
  }

  /** The session's: the other side takes so many bytes more. */
  grant(bytes: number): void {
    this.#sendWindow += bytes
    this.#unblock()
  }

  override _read(): void {}

  /** Node calls `_read` only after a push, so what is read must be noticed here. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size)
    this.#acknowledge()
    this.#port.onRoom()
    return chunk
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#isReset) done()
    else this.#port.sendData(this.id, Buffer.alloc(0), true, () => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const isOver = this.#isRemoteEnded && this.writableFinished
    if (!this.#isReset && !isOver) this.#port.sendReset(this.id, ResetCode.CANCEL)
    this.#isReset = true
    this.#unblock()
    this.#port.onClosed(this)
    done(error)
  }

  /** Sends as much as the window allows, and the rest when it opens. */
  #send(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.#isReset) {
      done()
      return
    }
    if (this.#sendWindow <= 0) {
      this.#blocked = () => this.#send(chunk, done)
      return
    }
    const length = Math.min(chunk.length, LARGEST_DATA_BYTES, this.#sendWindow)
    this.#sendWindow -= length
    const rest = chunk.subarray(length)
    this.#port.sendData(this.id, chunk.subarray(0, length), false, () => {
      if (rest.length === 0) done()
      else this.#send(rest, done)
    })
  }

  #unblock(): void {
    const blocked = this.#blocked
    this.#blocked = undefined
    blocked?.()
  }

  /** Grants what was read, in steps of half a window. */
  #acknowledge(): void {
    const bytes = this.#receivedBytes - this.readableLength - this.#acknowledgedBytes
    if (this.#isRemoteEnded || bytes < this.#initialWindow / 2) return
    this.#acknowledgedBytes += bytes
    this.#port.sendWindowUpdate(this.id, bytes)
  }
}
