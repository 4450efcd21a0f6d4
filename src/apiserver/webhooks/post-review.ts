import type { Pool } from '../../base/https-pool.ts'
import type { Location } from './service-resolver.ts'

/** One call of a webhook whose address is known. */
export interface PostedReview {
  readonly location: Location
  readonly serverName: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** A longer answer is not read to its end: the call fails. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** An answer, whole. Header names in lower case. */
export interface WebhookAnswer {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Rejects with the system's error, or with the reason of the signal. */
export async function postReview(
  pool: Pool,
  { location, body, maxBytes, headers, ...request }: PostedReview,
): Promise<WebhookAnswer> {
  const { signal } = request
  try {
    const answer = await pool.send({
      ...{ ...request, ...location, body, isRepeatable: true },
      method: 'POST',
      headers: { ...headers, 'content-length': String(body.length) },
    })
    if (answer.type === 'upgraded') {
      answer.socket.destroy()
      throw new Error('the server switched protocols')
    }
    const text = await readText(answer.body, maxBytes)
    return { code: answer.code, headers: answer.headers, text }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

async function readText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes > maxBytes) break
    }
  } catch (cause) {
    throw new Error('unexpected EOF', { cause })
  }
  if (bytes > maxBytes) {
    throw new Error(`http: response body too large: limit is ${maxBytes} bytes`)
  }
  return Buffer.concat(chunks).toString()
}
