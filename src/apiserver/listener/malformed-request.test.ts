import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { TestListener } from '../../../test/support/test-listener.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'

test('what is no request of HTTP/1.1 is answered in plain text, an unknown method as a Status', async () => {
  const clock = new VirtualClock()
  const harness = await TestListener.start(clock)
  const answerTo = async (text: string): Promise<string> => {
    const socket = connect({
      ...{ host: '127.0.0.1', port: harness.port, rejectUnauthorized: false },
      ALPNProtocols: ['http/1.1'],
    })
    socket.on('error', () => {})
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.write(text)
    await once(socket, 'close')
    return answer
  }
  try {
    const unknown = await answerTo('FOO /api HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.match(
      unknown,
      /^HTTP\/1\.1 405 Method Not Allowed\r\nContent-Type: application\/json\r\n/,
    )
    assert.match(unknown, /"message":"the server does not allow this method on the requested/)
    const tunnel = await answerTo('CONNECT /api HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.equal(tunnel, unknown)
    const noUrl = await answerTo('GET /api/%zz HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.match(noUrl, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/plain; charset=utf-8/)
    const stream = harness.session.request({ ':path': '/api/%z' })
    const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException]
    assert.match(error.message, /NGHTTP2_PROTOCOL_ERROR/)
    const broken = await answerTo('GET /api HTTP/1.1\r\nbad header\r\n\r\n')
    assert.match(broken, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/plain; charset=utf-8/)
    assert.match(broken, /\r\n\r\n400 Bad Request$/)
    const long = await answerTo(`GET /api HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`)
    assert.match(long, /^(HTTP\/1\.1 431 Request Header Fields Too Large\r\n|$)/)
  } finally {
    const closing = harness.listener.close()
    await clock.advance(20_000)
    await closing
    harness.session.destroy()
  }
})
