import { StringDecoder } from 'node:string_decoder'

/** The lines of a stream of UTF-8 bytes; an empty or an unfinished last line is left out. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  for await (const chunk of chunks) {
    const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end))
      const line = parts.join('').trim()
      parts = []
      start = end + 1
      if (line !== '') yield line
    }
    if (start < text.length) parts.push(text.slice(start))
  }
}
