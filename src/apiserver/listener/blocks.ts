import { type Chunk, copyChunk, joinChunks } from '../chunk.ts'

/**
 * How much is written to a socket or a compressor at once. A stream costs more for each write than
 * for a byte, but larger writes than this are not faster: TLS copies each once more.
 */
export const BLOCK_BYTES = 64 * 1024
/** So many free blocks are kept, 2 MiB in all: as many as a dozen lists at once need. */
const MOST_FREE = 32

/**
 * Blocks that long answers are put together in, used again and again: new memory for each would be
 * asked from the system and given back all the time, and hurry the garbage collector.
 */
export class BlockPool {
  readonly #free: Buffer[] = []
  /**
   * The whole blocks of those parts that are in use. Weak, since who reads an answer may vanish in
   * the middle of it: the part that was to be written next then never comes back.
   */
  readonly #lent = new WeakMap<Uint8Array, Buffer>()

  /** A block of `BLOCK_BYTES` with whatever is in it; to be lent, or put back. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  }

  /** The first bytes of a block that was taken. To be given back when they have been written. */
  lend(block: Buffer, length: number): Uint8Array {
    const part = block.subarray(0, length)
    this.#lent.set(part, block)
    return part
  }

  /** A block that was taken and is not lent. */
  putBack(block: Buffer): void {
    if (this.#free.length < MOST_FREE) this.#free.push(block)
  }

  /** After an error nobody knows whether it is still being read: then it is not used again. */
  giveBack(part: Uint8Array, error?: Error | null): void {
    const block = this.#lent.get(part)
    if (block === undefined) return
    this.#lent.delete(part)
    if (error === undefined || error === null) this.putBack(block)
  }
}

/**
 * The same bytes in fewer, larger parts. A list is a chunk or two for each object, and a write to a
 * stream costs more than the copy of a small chunk; a large one is passed on as it is. Takes no
 * more than the next block needs, so that chunks can be made on the way.
 */
export function* inBlocks(chunks: Iterable<Chunk>, pool: BlockPool): Iterable<Uint8Array> {
  /** Of what is not written yet: a single chunk may not have to be copied. */
  let first: Chunk = NO_BYTES
  let block: Buffer | undefined
  let length = 0
  for (const chunk of chunks) {
    if (length > 0 && length + chunk.length > BLOCK_BYTES) {
      yield block === undefined ? joinChunks([first]) : filled(block, length, pool)
      block = undefined
      length = 0
    }
    if (length === 0) {
      first = chunk
    } else {
      if (block === undefined) {
        block = pool.take()
        copyChunk(first, block, 0)
      }
      copyChunk(chunk, block, length)
    }
    length += chunk.length
  }
  if (length > 0) yield block === undefined ? joinChunks([first]) : filled(block, length, pool)
}

const NO_BYTES = new Uint8Array()

/** A watch that few events wait for, behind a slow client, must not hold a whole block. */
function filled(block: Buffer, length: number, pool: BlockPool): Uint8Array {
  if (length >= BLOCK_BYTES / 4) return pool.lend(block, length)
  const bytes = Buffer.from(block.subarray(0, length))
  pool.putBack(block)
  return bytes
}
