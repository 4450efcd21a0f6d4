import type { Readable } from 'node:stream'

/** Nobody needs more of a refusal than this. */
const MOST_ERROR_BYTES = 64 * 1024

/** The text of another server's refusal, without the line feed at its end. */
export async function readError(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= MOST_ERROR_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, MOST_ERROR_BYTES).trimEnd()
}
