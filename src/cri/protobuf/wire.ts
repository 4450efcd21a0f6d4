/** Wire types of protocol buffers; groups (3 and 4) are not used by anything here. */
export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2
export const FIXED32 = 5

const decoder = new TextDecoder()

/** Reads the primitive values of a protocol buffer. Throws a RangeError where it is cut short. */
export class WireReader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a varint is longer than ten bytes')
  }

  /** Tags and lengths, which are below 2^32: without a bigint, since every field has one. */
  uint32(): number {
    let value = 0
    for (let factor = 1; factor < 2 ** 36; factor *= 128) {
      const byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw new RangeError('a tag or length is longer than five bytes')
  }

  double(): number {
    const bytes = this.#take(8)
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
  }

  bytes(): Uint8Array {
    return this.#take(this.uint32())
  }

  string(): string {
    return decoder.decode(this.bytes())
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.varint()
    else if (wireType === FIXED64) this.#take(8)
    else if (wireType === LENGTH_DELIMITED) this.bytes()
    else if (wireType === FIXED32) this.#take(4)
    else throw new RangeError(`wire type ${wireType} is not known`)
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++]
    if (byte === undefined) throw new RangeError('the message is cut short')
    return byte
  }

  #take(length: number): Uint8Array {
    const end = this.#position + length
    if (end > this.#bytes.length) throw new RangeError('the message is cut short')
    const part = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return part
  }
}

/** Collects the parts of a protocol buffer; a nested message is written first, then its length. */
export class WireWriter {
  readonly #parts: Uint8Array[] = []

  finish(): Uint8Array {
    return Buffer.concat(this.#parts)
  }

  tag(number: number, wireType: number): void {
    this.varint(BigInt(number * 8 + wireType))
  }

  /** Negative values take ten bytes in two's complement, as int32 and int64 do. */
  varint(value: bigint): void {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, value)
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    this.#parts.push(Uint8Array.from(bytes))
  }

  double(value: number): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    this.#parts.push(bytes)
  }

  bytes(value: Uint8Array): void {
    this.varint(BigInt(value.length))
    this.#parts.push(value)
  }
}
