import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { collect, TestListener } from '../../../test/support/test-listener.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'

const IDLE_MS = 50

test('connections that nobody uses are closed, those with a request are not', {
  timeout: 10_000,
}, async () => {
  const clock = new VirtualClock()
  const harness = await TestListener.start(clock, IDLE_MS)
  let answer: (() => void) | undefined
  const isAsked = new Promise<void>((asked) => {
    harness.handler = async () => {
      await new Promise<void>((resolve) => {
        answer = resolve
        asked()
      })
      return { type: 'object', code: 200, object: { kind: 'Late' } }
    }
  })
  const late = harness.http2('GET', '/late')
  await isAsked
  const used = harness.handler
  harness.handler = async () => ({ type: 'object', code: 200, object: {} })
  const idle = harness.connect()
  // It is known to the server when it is answered.
  await collect(idle.request({ ':path': '/early' }))
  harness.handler = used
  const options = { port: harness.port, host: '127.0.0.1', ca: harness.identities.authority }
  const closed = once(idle, 'close')
  await clock.advance(IDLE_MS)
  await closed
  answer?.()
  assert.match((await late).body.toString(), /Late/)
  harness.handler = async () => ({ type: 'object', code: 200, object: {} })
  const http1 = connectTls({ ...options, ALPNProtocols: ['http/1.1'] })
  http1.write('GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n')
  http1.resume()
  await once(http1, 'close')
  const closing = harness.listener.close()
  await clock.advance(20_000)
  await closing
  harness.session.destroy()
})
