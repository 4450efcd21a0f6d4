import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { BackendResponse } from '../../base/http-backend.ts'
import type { ServerResponse } from '../response.ts'
import { relay } from './forward.ts'
import { LinkRewriter } from './link-rewriter.ts'

/**
 * The answer of a server behind a proxy as its client must see it: redirections and the addresses
 * in pages lead back through the proxy, whose path is `base`.
 */
export function rewriteAnswer(answer: BackendResponse, base: string): ServerResponse {
  const { headers, body, ...rest } = answer
  const { location, 'content-encoding': encoding = '', ...others } = headers
  const moved = location === undefined ? {} : { location: rebase(location, base) }
  const isPage = /^text\/html\b/i.test(headers['content-type'] ?? '')
  if (!isPage || !['', 'identity', 'gzip'].includes(encoding)) {
    const same = encoding === '' ? {} : { 'content-encoding': encoding }
    return relay({ ...rest, body, headers: { ...others, ...same, ...moved } })
  }
  const { etag: _etag, ...ofPage } = others // It names the bytes that were.
  const plain = encoding === 'gzip' ? gunzipped(body) : body
  const response = relay({ ...rest, body, headers: { ...ofPage, ...moved } })
  return response.type === 'stream' ? { ...response, body: rewritten(plain, base) } : response
}

/** A path of the server behind the proxy, as one of the proxy; others stay as they are. */
function rebase(address: string, base: string): string {
  const isPath = address.startsWith('/') && !address.startsWith('//')
  return isPath && !address.startsWith(`${base}/`) ? `${base}${address}` : address
}

function gunzipped(body: Readable): Readable {
  return pipeline(body, createGunzip(), () => {}) // Whoever reads sees the error.
}

/** Read as Latin-1, which keeps every byte: the encoding of the page does not matter to tags. */
async function* rewritten(body: Readable, base: string): AsyncGenerator<Uint8Array> {
  const rewriter = new LinkRewriter((address) => rebase(address, base))
  for await (const chunk of body as AsyncIterable<Buffer>) {
    yield Buffer.from(rewriter.push(chunk.toString('latin1')), 'latin1')
  }
  yield Buffer.from(rewriter.flush(), 'latin1')
}
