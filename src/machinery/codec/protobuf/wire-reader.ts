import { CodecError } from '../json.ts'
import { keptText, LONGEST_KEPT } from './kept-texts.ts'

export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5

/** Messages may nest so deep, as lists and objects in JSON. */
const MOST_DEPTH = 1000
const TWO_TO_32 = 2 ** 32

/**
 * Reads the parts of protobuf messages one after the other. Throws CodecError with the words of
 * upstream's generated code, whatever the bytes are.
 */
export class WireReader {
  readonly #bytes: Buffer
  #depth = 0
  #low = 0
  #high = 0
  /** Where the next byte stands. */
  at: number
  /** Where the message that is being read ends. */
  end: number

  constructor(bytes: Uint8Array, start = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = start
    this.end = bytes.length
  }

  /** Begins the message that stands here with its length; `leave` takes what this answers. */
  enter(): number {
    const length = this.#length()
    const outer = this.end
    this.end = this.at + length
    if (++this.#depth > MOST_DEPTH) throw new CodecError('exceeded max depth')
    return outer
  }

  leave(outer: number): void {
    this.#depth--
    this.end = outer
  }

  /** A field's number and wire type as they stand: eight times the number, plus the type. */
  tag(): number {
    const byte = this.#bytes[this.at] as number
    // Most fields have numbers below 16, which take one byte.
    if (byte < 0x80 && byte >= 8 && (byte & 7) !== END_GROUP && this.at < this.end) {
      this.at++
      return byte
    }
    this.#varint()
    const tag = this.#low >>> 0
    const wireType = tag & 7
    if (this.#high !== 0 || tag < 8) {
      const number = (tag >>> 3) | (this.#high << 29)
      throw new CodecError(`proto: illegal tag ${number} (wire type ${wireType})`)
    }
    if (wireType === END_GROUP) throw new CodecError('proto: wiretype end group for non-group')
    return tag
  }

  int32(): number {
    this.#varint()
    return this.#low | 0
  }

  /** A bigint beyond 2^53. */
  int64(): number | bigint {
    this.#varint()
    const high = this.#high | 0
    const value = high * TWO_TO_32 + (this.#low >>> 0)
    if (Number.isSafeInteger(value)) return value
    return (BigInt(high) << 32n) | BigInt(this.#low >>> 0)
  }

  bool(): boolean {
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  /** Shares its memory with what is read. */
  bytes(): Buffer {
    const length = this.#length()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  string(): string {
    const length = this.#length()
    const start = this.#take(length)
    return length > LONGEST_KEPT
      ? this.#bytes.toString('utf8', start, start + length)
      : keptText(this.#bytes, start, start + length)
  }

  /** Passes over a field that is not known. */
  skip(wireType: number): void {
    let groups = 0
    for (let type = wireType; ; type = this.#groupTag()) {
      if (type === VARINT) this.#varint()
      else if (type === FIXED64) this.#take(8)
      else if (type === LENGTH_DELIMITED) this.#take(this.#length())
      else if (type === START_GROUP) groups++
      else if (type === END_GROUP) groups--
      else if (type === FIXED32) this.#take(4)
      else throw new CodecError(`proto: illegal wireType ${type}`)
      if (groups === 0) return
    }
  }

  #groupTag(): number {
    this.#varint()
    return this.#low & 7
  }

  #length(): number {
    const byte = this.#bytes[this.at] as number
    if (byte < 0x80 && byte < this.end - this.at) {
      this.at++
      return byte
    }
    this.#varint()
    const high = this.#high | 0
    if (high < 0) throw new CodecError('proto: negative length found during unmarshaling')
    const length = high * TWO_TO_32 + (this.#low >>> 0)
    if (length > this.end - this.at) throw new CodecError('unexpected EOF')
    return length
  }

  #take(length: number): number {
    const start = this.at
    if (length > this.end - start) throw new CodecError('unexpected EOF')
    this.at = start + length
    return start
  }

  /** Seven bits a byte, the lowest first, ten bytes at most. */
  #varint(): void {
    let byte = this.#byte()
    let low = byte & 0x7f
    this.#high = 0
    for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
      byte = this.#byte()
      low |= (byte & 0x7f) << shift
    }
    if (byte >= 0x80) {
      byte = this.#byte()
      low |= (byte & 0x7f) << 28
      let high = (byte & 0x7f) >> 4
      for (let shift = 3; byte >= 0x80; shift += 7) {
        if (shift > 31) throw new CodecError('proto: integer overflow')
        byte = this.#byte()
        high |= (byte & 0x7f) << shift
      }
      this.#high = high
    }
    this.#low = low
  }

  #byte(): number {
    if (this.at >= this.end) throw new CodecError('unexpected EOF')
    return this.#bytes[this.at++] as number
  }
}
