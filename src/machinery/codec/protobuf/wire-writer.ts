const TWO_TO_32 = 2 ** 32
const FIRST_SIZE = 16 * 1024
/** A larger scratch buffer is not kept. */
const MOST_KEPT = 1024 * 1024
/**
 * Shorter texts are written letter by letter, which is quicker than a call into node's own code.
 */
const SHORT_TEXT = 24

/**
 * Writes protobuf messages from their end to their start, so that the length of a message is known
 * when it is due:
 *
 *     ......................[name "a"]        strings and numbers first,
 *     ...........[metadata, 3][name "a"]      then what stands in front of them
 *
 * Whoever writes a field therefore writes its value, then its tag; and the last field first.
 */
export class WireWriter {
  #bytes: Buffer<ArrayBuffer>
  #view: DataView
  #at: number

  constructor(firstSize = FIRST_SIZE) {
    this.#bytes = Buffer.allocUnsafeSlow(firstSize)
    this.#view = new DataView(this.#bytes.buffer)
    this.#at = firstSize
  }

  /** How many bytes have been written: the difference of two of them is a message's length. */
  get length(): number {
    return this.#bytes.length - this.#at
  }

  /** A copy of what was written; the writer begins anew. */
  finish(): Buffer {
    const written = Buffer.from(this.#bytes.subarray(this.#at))
    if (this.#bytes.length > MOST_KEPT) this.#replace(Buffer.allocUnsafeSlow(FIRST_SIZE))
    this.#at = this.#bytes.length
    return written
  }

  /** Forgets what was written. */
  reset(): void {
    this.#at = this.#bytes.length
  }

  /** A tag or a length: below 2^32. */
  uint32(value: number): void {
    this.#reserve(5)
    if (value < 0x80) {
      this.#bytes[--this.#at] = value
      return
    }
    let size = 1
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++
    this.#varint(size, value | 0, 0)
  }

  /** Negative numbers take ten bytes, as in upstream's int32. */
  int(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < TWO_TO_32) this.uint32(value)
    else if (typeof value === 'number') {
      const high = Math.floor(value / TWO_TO_32)
      this.#int64((value - high * TWO_TO_32) | 0, high | 0)
    } else {
      const unsigned = BigInt.asUintN(64, value)
      this.#int64(Number(unsigned & 0xffffffffn) | 0, Number(unsigned >> 32n) | 0)
    }
  }

  double(value: number): void {
    this.#reserve(8)
    this.#at -= 8
    this.#view.setFloat64(this.#at, value, true)
  }

  /** Without the length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#at -= bytes.length
    this.#bytes.set(bytes, this.#at)
  }

  bytes(bytes: Uint8Array): void {
    this.raw(bytes)
    this.uint32(bytes.length)
  }

  string(text: string): void {
    if (text.length > SHORT_TEXT || !this.#shortText(text)) {
      const length = Buffer.byteLength(text)
      this.#reserve(length)
      this.#at -= length
      this.#bytes.write(text, this.#at)
      this.uint32(length)
    }
  }

  #shortText(text: string): boolean {
    this.#reserve(SHORT_TEXT + 1)
    let at = this.#at
    for (let index = text.length - 1; index >= 0; index--) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) return false
      this.#bytes[--at] = code
    }
    this.#bytes[--at] = text.length
    this.#at = at
    return true
  }

  #int64(low: number, high: number): void {
    if (high === 0) {
      this.uint32(low >>> 0)
      return
    }
    this.#reserve(10)
    let size = 5
    for (let rest = high >>> 3; rest > 0; rest >>>= 7) size++
    this.#varint(size, low, high)
  }

  #varint(size: number, low: number, high: number): void {
    this.#at -= size
    let rest = low
    let more = high
    const last = this.#at + size - 1
    for (let at = this.#at; at < last; at++) {
      this.#bytes[at] = (rest & 0x7f) | 0x80
      rest = (rest >>> 7) | (more << 25)
      more >>>= 7
    }
    this.#bytes[last] = rest & 0x7f
  }

  #reserve(size: number): void {
    if (size <= this.#at) return
    const { length } = this
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, length + size))
    this.#bytes.copy(grown, grown.length - length, this.#at)
    this.#replace(grown)
    this.#at = grown.length - length
  }

  #replace(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
