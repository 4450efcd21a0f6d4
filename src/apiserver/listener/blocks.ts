import { type Chunk, copyChunks, joinChunks } from '../chunk.ts'

/**
 * How much is written to a socket or a compressor at once. A stream costs more for each write than
 * for a byte, but larger writes than this are not faster: TLS copies each once more.
 */
export const BLOCK_BYTES = 64 * 1024
/** So many free blocks are kept: as many as dozens of lists at once need. */
const MOST_FREE = 96

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

  /** The chunks, which must fit, in a block. To be given back when it has been written. */
  fill(chunks: readonly Chunk[], length: number): Uint8Array {
    const block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
    copyChunks(chunks, block)
    const part = block.subarray(0, length)
    this.#lent.set(part, block)
    return part
  }

  /** After an error nobody knows whether it is still being read: then it is not used again. */
  giveBack(part: Uint8Array, error?: Error | null): void {
    const block = this.#lent.get(part)
    if (block === undefined) return
    this.#lent.delete(part)
    const isFree = error === undefined || error === null
    if (isFree && this.#free.length < MOST_FREE) this.#free.push(block)
  }
}

/**
 * The same bytes in fewer, larger parts. A list is a chunk or two for each object, and a write to a
 * stream costs more than the copy of a small chunk; a large one is passed on as it is. Takes no
 * more than the next block needs, so that chunks can be made on the way.
 */
export function* inBlocks(chunks: Iterable<Chunk>, pool: BlockPool): Iterable<Uint8Array> {
  let pending: Chunk[] = []
  let length = 0
  for (const chunk of chunks) {
    if (length > 0 && length + chunk.length > BLOCK_BYTES) {
      yield blockOf(pending, length, pool)
      pending = []
      length = 0
    }
    pending.push(chunk)
    length += chunk.length
  }
  if (length > 0) yield blockOf(pending, length, pool)
}

function blockOf(chunks: readonly Chunk[], length: number, pool: BlockPool): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only instanceof Uint8Array) return only
  // A watch that few events wait for, behind a slow client, must not hold a whole block.
  const isPooled = length >= BLOCK_BYTES / 4 && length <= BLOCK_BYTES
  return isPooled ? pool.fill(chunks, length) : joinChunks(chunks, length)
}
