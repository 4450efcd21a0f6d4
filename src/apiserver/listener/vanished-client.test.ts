import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { frameQueue, TestListener } from '../../../test/support/test-listener.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'

/** What cannot be compressed: a compressor that nobody reads from takes no more of it. */
const LARGE = randomBytes(1024 * 1024)
const PATH = '/api/v1/namespaces/default/pods'
const JSON_TYPE = 'application/json'

/** What is done for a client that has gone already. */
const answers: Readonly<Record<string, (request: ServerRequest) => Promise<ServerResponse>>> = {
  async 'its body is asked for'(request) {
    await request.body()
    return { type: 'object', code: 200, object: {} }
  },
  async 'a large answer'() {
    const chunks = () => [LARGE, LARGE]
    return { type: 'encoded', code: 200, contentType: JSON_TYPE, object: () => ({}), chunks }
  },
  async 'parts that are made one after the other'() {
    const parts = () => Array.from({ length: 4 }, () => LARGE)
    const made = { object: () => ({}), chunks: () => parts(), parts }
    return { type: 'encoded', code: 200, contentType: JSON_TYPE, ...made }
  },
  async 'a stream that does not end'() {
    return { type: 'stream', code: 200, headers: {}, body: new Readable({ read() {} }) }
  },
  async 'a watch'(request) {
    const frames = frameQueue()
    frames.push('1')
    if (request.signal.aborted) frames.end()
    return { type: 'watch', code: 200, contentType: JSON_TYPE, batches: frames.batches }
  },
}

for (const [name, answer] of Object.entries(answers)) {
  for (const version of ['HTTP/1.1', 'HTTP/2'] as const) {
    const title = `nothing waits for a client that has gone (${version}): ${name}`
    test(title, { timeout: 10_000 }, async () => {
      // Its time stands still: no deadline ends what hangs.
      const harness = await TestListener.start(new VirtualClock())
      const begun = new Promise<ServerRequest>((resolve) => {
        harness.handler = async (request) => {
          const gone = once(request.signal, 'abort')
          resolve(request)
          await gone
          return answer(request)
        }
      })
      const leave = beginRequest[version](harness)
      const { signal } = await begun
      leave()
      if (!signal.aborted) await once(signal, 'abort')
      // Waits for all that is under way.
      await harness.listener.close()
      harness.session.destroy()
    })
  }
}

const HEADERS = { 'accept-encoding': 'gzip' }

/** Begins a request with a body that does not end; gives what makes its client go. */
const beginRequest = {
  'HTTP/1.1'(harness: TestListener): () => void {
    const request = httpsRequest(harness.requestOptions('GET', PATH, HEADERS))
    request.on('error', () => {})
    request.write('{')
    return () => request.destroy()
  },
  'HTTP/2'(harness: TestListener): () => void {
    const names = { ':method': 'GET', ':path': PATH }
    const stream = harness.session.request({ ...names, ...HEADERS }, { endStream: false })
    stream.on('error', () => {})
    stream.write('{')
    return () => stream.close(constants.NGHTTP2_CANCEL)
  },
}
