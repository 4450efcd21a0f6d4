/** Wire types of protocol buffers; groups (3 and 4) are not used by anything here. */
export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2
export const FIXED32 = 5

const TWO_32 = 2 ** 32

/** Reads the primitive values of a protocol buffer. Throws a RangeError where it is cut short. */
export class WireReader {
  readonly #bytes: Buffer
  #position = 0
  #low = 0
  #high = 0

  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset, byteLength } = bytes
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength)
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length
  }

  /** Tags, lengths and everything else that is below 2^32. */
  uint32(): number {
    this.#varint()
    return this.#low
  }

  bool(): boolean {
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  /** A signed 64-bit value as a number: exact up to 2^53. */
  int64(): number {
    this.#varint()
    return (this.#high | 0) * TWO_32 + this.#low
  }

  /** As `int64`, without a sign. */
  uint64(): number {
    this.#varint()
    return this.#high * TWO_32 + this.#low
  }

  /** A signed 64-bit value with all its bits. */
  exactInt64(): bigint {
    this.#varint()
    return (BigInt(this.#high | 0) << 32n) | BigInt(this.#low)
  }

  double(): number {
    const start = this.#position
    this.#advance(8)
    return this.#bytes.readDoubleLE(start)
  }

  fixed64(): bigint {
    const start = this.#position
    this.#advance(8)
    return this.#bytes.readBigUInt64LE(start)
  }

  bytes(): Buffer {
    const end = this.uint32() + this.#position
    if (end > this.#bytes.length) throw cutShort()
    const part = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return part
  }

  string(): string {
    const end = this.uint32() + this.#position
    if (end > this.#bytes.length) throw cutShort()
    const text = this.#bytes.toString('utf8', this.#position, end)
    this.#position = end
    return text
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.#varint()
    else if (wireType === LENGTH_DELIMITED) this.bytes()
    else if (wireType === FIXED64) this.#advance(8)
    else if (wireType === FIXED32) this.#advance(4)
    else throw new RangeError(`wire type ${wireType} is not known`)
  }

  #advance(length: number): void {
    this.#position += length
    if (this.#position > this.#bytes.length) throw cutShort()
  }

  /** Into two halves of 32 bits, since numbers have 53 and bigints are slow. */
  #varint(): void {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#position++]
      if (byte === undefined) throw cutShort()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.#low = low >>> 0
        this.#high = high >>> 0
        return
      }
    }
    throw new RangeError('a varint is longer than ten bytes')
  }
}

function cutShort(): RangeError {
  return new RangeError('the message is cut short')
}

/** Writes the primitive values of a protocol buffer into one growing buffer. */
export class WireWriter {
  #bytes: Buffer
  #length = 0

  constructor(expectedBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes)
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  tag(number: number, wireType: number): void {
    this.int64(number * 8 + wireType)
  }

  /** A whole number below 2^53. */
  int64(value: number): void {
    if (value < 0) {
      this.exactInt64(BigInt(value))
      return
    }
    this.#reserve(10)
    let rest = value
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** Negative values take ten bytes in two's complement. */
  exactInt64(value: bigint): void {
    this.#reserve(10)
    let rest = BigInt.asUintN(64, value)
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#length++] = Number(rest)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  fixed64(value: bigint): void {
    this.#reserve(8)
    this.#length = this.#bytes.writeBigUInt64LE(value, this.#length)
  }

  bytes(value: Uint8Array): void {
    this.int64(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  string(value: string): void {
    const length = Buffer.byteLength(value)
    this.int64(length)
    this.#reserve(length)
    this.#length += this.#bytes.write(value, this.#length)
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
