import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { collect, TestListener } from '../../../test/support/test-listener.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { ServerRequest } from '../request.ts'
import type { EncodedResponse } from '../response.ts'
import { REQUEST_TIMEOUT_MS } from './request-deadline.ts'

/** More than the sockets and windows between two processes hold. */
const LARGE = Array.from({ length: 32 }, () => randomBytes(1024 * 1024))
const PATH = '/api/v1/namespaces/default/pods'
const ANSWER: EncodedResponse = {
  type: 'encoded',
  code: 200,
  contentType: 'application/json',
  chunks: () => LARGE,
  object: () => '',
}

const LIMIT = { timeout: 60_000 }
const ANSWERS = { 'at once': () => ANSWER, later: async () => ANSWER }

for (const [when, answer] of Object.entries(ANSWERS)) {
  for (const version of ['HTTP/1.1', 'HTTP/2'] as const) {
    const title = `a client that does not read its answer loses it in the end (${version}, ${when})`
    test(title, LIMIT, async () => {
      const clock = new VirtualClock()
      const harness = await TestListener.start(clock)
      let request: ServerRequest | undefined
      harness.handler = (call) => {
        request = call
        return answer()
      }
      const reading = await beginReading[version](harness)
      assert.ok(request !== undefined)
      await clock.advance(REQUEST_TIMEOUT_MS - 1)
      assert.equal(request.signal.aborted, false)
      await clock.advance(1)
      assert.equal(request.signal.aborted, true)
      await assert.rejects(reading(), 'it sees that the answer is not whole')
      await harness.listener.close()
      harness.session.destroy()
    })
  }
}

/** Each waits for the head alone, and gives what reads the rest. */
const beginReading = {
  async 'HTTP/1.1'(harness: TestListener): Promise<() => Promise<unknown>> {
    const request = httpsRequest(harness.requestOptions('GET', PATH, {})).end()
    const [response] = await once(request, 'response')
    return () => collect(response)
  },
  async 'HTTP/2'(harness: TestListener): Promise<() => Promise<unknown>> {
    const stream = harness.session.request({ ':path': PATH })
    await once(stream, 'response')
    return async () => {
      await collect(stream)
      assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR)
    }
  },
}

test('a connection that was taken over lasts longer than any request', LIMIT, async () => {
  const clock = new VirtualClock()
  const harness = await TestListener.start(clock)
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  let signal: AbortSignal | undefined
  harness.handler = async (request) => {
    signal = request.signal
    const taken = request.connection?.takeOver?.()
    taken?.socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    )
    await ended
    taken?.socket.end('bye')
    return { type: 'upgraded' }
  }
  // Of an extension: nothing in its path says that it lasts.
  const path = '/apis/sub.example.com/v1/namespaces/a/machines/b/console'
  const headers = { connection: 'upgrade', upgrade: 'x' }
  const request = httpsRequest(harness.requestOptions('GET', path, headers)).end()
  const [, socket] = await once(request, 'upgrade')
  await clock.advance(2 * REQUEST_TIMEOUT_MS)
  assert.equal(signal?.aborted, false)
  end()
  assert.equal((await collect(socket)).toString(), 'bye')
  await harness.listener.close()
  harness.session.destroy()
})

test(
  'a connection whose upgrade is refused ends though its client leaves it open',
  LIMIT,
  async () => {
    const harness = await TestListener.start(new VirtualClock())
    const closed = new Promise<void>((resolve) => {
      harness.handler = async ({ connection }) => {
        connection?.onClosed?.(resolve)
        return { type: 'object', code: 403, object: {} }
      }
    })
    const { authority: ca } = harness.identities
    const options = { host: '127.0.0.1', port: harness.port, ca, allowHalfOpen: true }
    const socket = connect(options)
    socket.resume()
    socket.on('error', () => {})
    socket.write(`GET ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n`)
    await closed
    socket.destroy()
    await harness.listener.close()
    harness.session.destroy()
  },
)
