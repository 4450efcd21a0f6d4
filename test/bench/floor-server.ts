import { createSecureServer, type ServerHttp2Stream } from 'node:http2'

/**
 * A bare HTTP/2 server over TLS with fixed answers, as a process of its own: the floor that no server
 * on Node gets below. It reads what to answer from its parent's first message: one pod, a list of as
 * many as ours has, or an event to all watches.
 */
process.once(
  'message',
  (message: { certificate: string; key: string; pod: string; pods: number }) => {
    const { certificate, key, pod, pods } = message
    const one = Buffer.from(pod)
    const list = Buffer.from(`{"items":[${new Array(pods).fill(pod).join(',')}]}`)
    const event = Buffer.from(`{"type":"MODIFIED","object":${pod}}\n`)
    const watches = new Set<ServerHttp2Stream>()
    const server = createSecureServer({ cert: certificate, key })
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {})
      const path = headers[':path']
      if (path === '/watch') {
        watches.add(stream)
        stream.on('close', () => watches.delete(stream))
        stream.respond({ ':status': 200, 'content-type': 'application/json' })
        return
      }
      if (path === '/event') for (const watch of watches) watch.write(event)
      const body = path === '/list' ? list : one
      stream.resume()
      stream.on('end', () => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' })
        stream.end(body)
      })
    })
    server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port))
  },
)
