import { ServerRequest } from '../../src/apiserver/request.ts'
import type { TestServer } from './api-server.ts'

/** An answer to bytes that no client library would send. */
export interface RawAnswer {
  readonly code: number
  readonly message: string
  readonly reason: string
  readonly object: unknown
}

/** Sends a body as the bytes that it is, to a server in memory; the answer is an object. */
export async function sendRaw(
  { server }: TestServer,
  method: string,
  url: string,
  body: string | Uint8Array = '',
  contentType = 'application/json',
): Promise<RawAnswer> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const response = await server.handle(
    new ServerRequest({
      method,
      url,
      headers: { 'content-type': contentType },
      readBody: () => Promise.resolve(bytes),
      connection: { remoteAddress: '192.0.2.9', peerCertificate: undefined },
      signal: new AbortController().signal,
    }),
  )
  if (response.type === 'watch') {
    const batches = response.batches[Symbol.asyncIterator]()
    await batches.return?.()
    return { code: response.code, message: '', reason: '', object: undefined }
  }
  if (response.type !== 'object' && response.type !== 'encoded') throw new Error(response.type)
  const object = response.type === 'object' ? response.object : response.object()
  const { message = '', reason = '' } = object as { message?: string; reason?: string }
  return { code: response.code, message, reason, object }
}
