import { type Chunk, joinChunks } from '../chunk.ts'

/**
 * How much is written to a socket or a compressor at once. A stream costs much more for each write
 * than for a byte, and what is written at once is encrypted in one go: this is half a millisecond.
 */
const BLOCK_BYTES = 512 * 1024

/**
 * The same bytes in fewer, larger parts. A list is a chunk or two for each object, and a write to a
 * stream costs more than the copy of a small chunk; a large one is passed on as it is. Takes no
 * more than the next block needs, so that chunks can be made on the way.
 */
export function* inBlocks(chunks: Iterable<Chunk>): Iterable<Uint8Array> {
  let pending: Chunk[] = []
  let length = 0
  for (const chunk of chunks) {
    if (length > 0 && length + chunk.length > BLOCK_BYTES) {
      yield joinChunks(pending, length)
      pending = []
      length = 0
    }
    pending.push(chunk)
    length += chunk.length
  }
  if (length > 0) yield joinChunks(pending, length)
}
