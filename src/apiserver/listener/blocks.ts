/** What one write to a socket or a compressor takes without being split. */
const BLOCK_BYTES = 64 * 1024

/**
 * The same bytes in fewer, larger parts. A list is a chunk or two for each object, and a write to a
 * stream costs more than the copy of a small chunk; a large one is passed on as it is. Takes no
 * more than the next block needs, so that chunks can be made on the way.
 */
export function* inBlocks(chunks: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let pending: Uint8Array[] = []
  let length = 0
  for (const chunk of chunks) {
    if (length > 0 && length + chunk.length > BLOCK_BYTES) {
      yield blockOf(pending, length)
      pending = []
      length = 0
    }
    pending.push(chunk)
    length += chunk.length
  }
  if (length > 0) yield blockOf(pending, length)
}

function blockOf(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length)
}
