/** Bytes that are put together where they are sent from: what is kept of them is less. */
export interface ByteSource {
  /** In bytes. */
  readonly length: number
  /** Writes all of them from `at` on, where there is room for them. */
  copyTo(target: Buffer, at: number): void
}

/** A part of an answer's body. */
export type Chunk = Uint8Array | ByteSource

/** How many bytes the chunks have together. */
export function lengthOf(chunks: readonly Chunk[]): number {
  let length = 0
  for (const chunk of chunks) length += chunk.length
  return length
}

/** All chunks in one buffer; `length` is that of all together. A single buffer is not copied. */
export function joinChunks(chunks: readonly Chunk[], length = lengthOf(chunks)): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only instanceof Uint8Array) return only
  const bytes = Buffer.allocUnsafe(length)
  copyChunks(chunks, bytes)
  return bytes
}

/** Writes all chunks to the beginning of a buffer that is long enough. */
export function copyChunks(chunks: readonly Chunk[], target: Buffer): void {
  let at = 0
  for (const chunk of chunks) {
    copyChunk(chunk, target, at)
    at += chunk.length
  }
}

/** Writes a chunk from `at` on, where there is room for it. */
export function copyChunk(chunk: Chunk, target: Buffer, at: number): void {
  if (chunk instanceof Uint8Array) target.set(chunk, at)
  else chunk.copyTo(target, at)
}
