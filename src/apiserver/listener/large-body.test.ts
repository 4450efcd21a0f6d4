import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { TestListener } from '../../../test/support/test-listener.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'

const LIMIT = 3 * 1024 * 1024

test('a connection outlives a body that is a little too long', { timeout: 10_000 }, async () => {
  const harness = await TestListener.start(new VirtualClock())
  harness.handler = async (request) => {
    const object = request.method === 'POST' ? (await request.body()).length : 'next'
    return { type: 'object', code: 200, object }
  }
  const body = Buffer.alloc(LIMIT + 100_000, 'x')
  const chunked = [`${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n']
  for (const [header, parts] of [
    [`Content-Length: ${body.length}`, [body]],
    ['Transfer-Encoding: chunked', chunked],
  ] as const) {
    const { authority: ca } = harness.identities
    const at = { port: harness.port, host: '127.0.0.1', ca, ALPNProtocols: ['http/1.1'] }
    const socket = connect(at)
    socket.write(`POST /one HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`)
    for (const part of parts) socket.write(part)
    socket.write('GET /two HTTP/1.1\r\nHost: localhost\r\n\r\n')
    let text = ''
    for await (const chunk of socket) {
      text += String(chunk)
      if (text.includes('"next"')) break
    }
    assert.match(text, /^HTTP\/1.1 413 .*limit is 3145728.*HTTP\/1.1 200 .*"next"/s, header)
  }
  await harness.listener.close()
  harness.session.destroy()
})
