import { deflateRawSync, inflateRawSync, constants as zlib } from 'node:zlib'
import { DICTIONARY_TAIL, DICTIONARY_WORDS } from './dictionary.data.ts'

/** The headers of a stream: lower-case names, each with its values in order. */
export type SpdyHeaders = Readonly<Record<string, readonly string[]>>

/** How far back deflate can refer. */
const WINDOW_BYTES = 32 * 1024
/** A block that unpacks to more than this is an attack, not a header. */
const LARGEST_BLOCK_BYTES = 64 * 1024
/** Deflate with a 32 KB window, and a preset dictionary follows (RFC 1950). */
const ZLIB_HEADER = Uint8Array.of(0x78, 0xbb)
const ZLIB_HEADER_BYTES = 2
const HAS_DICTIONARY = 0x20
const DICTIONARY_ID_BYTES = 4

const dictionary = buildDictionary()

/**
 * Writes header blocks as one endless zlib stream (draft 3.1, section 2.6.10.1). Each block ends
 * with a sync flush, thus at a byte; so a block can be deflated alone, with what went before as
 * its dictionary, and the blocks still make one stream:
 *
 *     78 bb e3 c6 a7 c2 | deflate(block 1) | deflate(block 2, may refer to block 1) | ...
 */
export class HeaderCompressor {
  #window: Uint8Array = dictionary
  #isFirst = true

  compress(headers: SpdyHeaders): Uint8Array {
    const block = formatBlock(headers)
    const deflated = deflateRawSync(block, {
      dictionary: this.#window,
      finishFlush: zlib.Z_SYNC_FLUSH,
    })
    this.#window = slide(this.#window, block)
    if (!this.#isFirst) return deflated
    this.#isFirst = false
    const id = Buffer.alloc(DICTIONARY_ID_BYTES)
    id.writeUInt32BE(adler32(dictionary))
    return Buffer.concat([ZLIB_HEADER, id, deflated])
  }
}

/** Reads the header blocks of one connection, in their order. Throws for what is no block. */
export class HeaderDecompressor {
  #window: Uint8Array = dictionary
  #isFirst = true

  decompress(bytes: Uint8Array): SpdyHeaders {
    const block = inflateRawSync(this.#isFirst ? this.#skipZlibHeader(bytes) : bytes, {
      dictionary: this.#window,
      finishFlush: zlib.Z_SYNC_FLUSH,
      maxOutputLength: LARGEST_BLOCK_BYTES,
    })
    this.#window = slide(this.#window, block)
    return parseBlock(block)
  }

  #skipZlibHeader(bytes: Uint8Array): Uint8Array {
    this.#isFirst = false
    const usesDictionary = ((bytes[1] ?? 0) & HAS_DICTIONARY) !== 0
    if (!usesDictionary) this.#window = new Uint8Array(0)
    return bytes.subarray(ZLIB_HEADER_BYTES + (usesDictionary ? DICTIONARY_ID_BYTES : 0))
  }
}

/** The number of pairs, then each name and value with its length; values are NUL-separated. */
function formatBlock(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers)
  const parts = [uint32(entries.length)]
  for (const [name, values] of entries) {
    for (const text of [name.toLowerCase(), values.join('\0')]) {
      const bytes = Buffer.from(text)
      parts.push(uint32(bytes.length), bytes)
    }
  }
  return Buffer.concat(parts)
}

function parseBlock(block: Buffer): SpdyHeaders {
  const headers: Record<string, readonly string[]> = Object.create(null)
  let at = 4
  const readText = (): string => {
    const length = block.readUInt32BE(at)
    if (at + 4 + length > block.length) throw new RangeError('a header runs past its block')
    const text = block.toString('utf8', at + 4, at + 4 + length)
    at += 4 + length
    return text
  }
  for (let left = block.readUInt32BE(0); left > 0; left--) {
    const name = readText().toLowerCase()
    headers[name] = readText().split('\0')
  }
  return headers
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function slide(window: Uint8Array, added: Uint8Array): Uint8Array {
  const both = Buffer.concat([window, added])
  return both.subarray(Math.max(0, both.length - WINDOW_BYTES))
}

function buildDictionary(): Uint8Array {
  const words = DICTIONARY_WORDS.map((word) => Buffer.concat([uint32(word.length), toBytes(word)]))
  return Buffer.concat([...words, toBytes(DICTIONARY_TAIL)])
}

function toBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function adler32(bytes: Uint8Array): number {
  let low = 1
  let high = 0
  for (const byte of bytes) {
    low = (low + byte) % 65521
    high = (high + low) % 65521
  }
  return high * 65536 + low
}
