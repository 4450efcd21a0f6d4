/** The control frames of SPDY/3.1 that are used here (draft 3.1, section 2.6). */
export const FrameType = {
  SYN_STREAM: 1,
  SYN_REPLY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  HEADERS: 8,
  WINDOW_UPDATE: 9,
} as const

export const FLAG_FIN = 0x01

/** Why a stream is ended (section 2.6.3). */
export const ResetCode = {
  PROTOCOL_ERROR: 1,
  INVALID_STREAM: 2,
  REFUSED_STREAM: 3,
  CANCEL: 5,
  INTERNAL_ERROR: 6,
} as const

export const SETTINGS_INITIAL_WINDOW_SIZE = 7

const VERSION = 3
const HEADER_BYTES = 8
const CONTROL_BIT = 0x80
const STREAM_ID_MASK = 0x7fffffff
/** Nobody has a reason to send more at once; the format would allow 16 MB. */
const LARGEST_CONTROL_FRAME_BYTES = 256 * 1024

/** One frame as it arrived: of control with its type, or of data with its stream. */
export type Frame =
  | {
      readonly kind: 'control'
      readonly type: number
      readonly flags: number
      readonly body: Buffer
    }
  /** A part of a data frame: `isEnd` tells the last part of the last frame of its stream. */
  | {
      readonly kind: 'data'
      readonly streamId: number
      readonly isEnd: boolean
      readonly body: Buffer
    }

interface OpenData {
  readonly streamId: number
  readonly isEnd: boolean
  left: number
}

/** Raised for bytes that are no SPDY/3. */
export class FramingError extends Error {
  override readonly name = 'FramingError'
}

/**
 * Cuts a byte stream into frames. A control frame is held until it is whole; the body of a data
 * frame is passed on as it arrives, so that none is held in memory twice.
 *
 *     control:  1 version(15) | type(16)   | flags(8) length(24) | body
 *     data:     0 stream id(31)            | flags(8) length(24) | body
 */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void
  #held: Buffer = Buffer.alloc(0)
  /** The data frame of which a part is still to come. */
  #data: OpenData | undefined

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame
  }

  /** Throws FramingError for what cannot be read; the connection is then useless. */
  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = Buffer.alloc(0)
    for (;;) {
      if (this.#data !== undefined) {
        rest = this.#takeData(this.#data, rest)
        if (this.#data !== undefined) return
      }
      if (rest.length < HEADER_BYTES) break
      const isControl = ((rest[0] ?? 0) & CONTROL_BIT) !== 0
      const flags = rest[4] ?? 0
      const length = rest.readUIntBE(5, 3)
      if (!isControl) {
        const streamId = rest.readUInt32BE(0) & STREAM_ID_MASK
        this.#data = { streamId, isEnd: (flags & FLAG_FIN) !== 0, left: length }
        rest = rest.subarray(HEADER_BYTES)
        continue
      }
      const version = rest.readUInt16BE(0) & 0x7fff
      if (version !== VERSION) throw new FramingError(`SPDY version ${version} is not spoken here`)
      if (length > LARGEST_CONTROL_FRAME_BYTES) throw new FramingError('a frame is too large')
      if (rest.length < HEADER_BYTES + length) break
      const body = rest.subarray(HEADER_BYTES, HEADER_BYTES + length)
      this.#onFrame({ kind: 'control', type: rest.readUInt16BE(2), flags, body })
      rest = rest.subarray(HEADER_BYTES + length)
    }
    this.#held = rest
  }

  #takeData(data: OpenData, chunk: Buffer): Buffer {
    const body = chunk.subarray(0, data.left)
    data.left -= body.length
    const isWhole = data.left === 0
    if (isWhole) this.#data = undefined
    if (body.length > 0 || isWhole) {
      const { streamId } = data
      this.#onFrame({ kind: 'data', streamId, isEnd: isWhole && data.isEnd, body })
    }
    return chunk.subarray(body.length)
  }
}

/** A control frame: numbers of 32 bits, then bytes. */
export function controlFrame(
  type: number,
  flags: number,
  numbers: readonly number[],
  bytes: Uint8Array = new Uint8Array(0),
): Buffer {
  const length = numbers.length * 4 + bytes.length
  const frame = Buffer.alloc(HEADER_BYTES + length)
  frame.writeUInt16BE(0x8000 | VERSION, 0)
  frame.writeUInt16BE(type, 2)
  frame.writeUInt8(flags, 4)
  frame.writeUIntBE(length, 5, 3)
  for (const [index, number] of numbers.entries()) {
    frame.writeUInt32BE(number, HEADER_BYTES + index * 4)
  }
  frame.set(bytes, HEADER_BYTES + numbers.length * 4)
  return frame
}

/** What stands before the bytes of a data frame. */
export function dataFrameHeader(streamId: number, length: number, isEnd: boolean): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(streamId, 0)
  header.writeUInt8(isEnd ? FLAG_FIN : 0, 4)
  header.writeUIntBE(length, 5, 3)
  return header
}
