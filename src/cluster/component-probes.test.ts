import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import type { BackendRequest, HttpTarget, SendRequest } from '../base/http-backend.ts'
import { componentProbes } from './component-probes.ts'

const URL = 'Get "https://127.0.0.1:10259/healthz"'

async function schedulerHealth(send: SendRequest, clock = new VirtualClock()): Promise<unknown> {
  return componentProbes(send, clock).get('scheduler')?.()
}

const answering =
  (code: number, text: string): SendRequest =>
  () =>
    Promise.resolve({
      type: 'response',
      code,
      headers: {},
      body: Readable.from([Buffer.from(text)]),
    })

test('a component that answers says itself how it is', async () => {
  const asked: [HttpTarget, BackendRequest][] = []
  const send: SendRequest = (target, request) => {
    asked.push([target, request])
    return answering(200, 'ok')(target, request)
  }
  assert.deepEqual(await schedulerHealth(send), { status: 'True', message: 'ok' })
  assert.deepEqual(
    asked.map(([{ host, port, tls }, { method, path }]) => [host, port, tls, method, path]),
    [['127.0.0.1', 10259, {}, 'GET', '/healthz']],
  )
  assert.deepEqual(await schedulerHealth(answering(500, 'secret')), {
    status: 'False',
    message: 'HTTP probe failed with statuscode: 500',
  })
  const long = (await schedulerHealth(answering(200, 'x'.repeat(20_000)))) as { message: string }
  assert.equal(long.message.length, 10 * 1024)
})

test('one that cannot be reached is told of in the words of upstream', async () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' })
  assert.deepEqual(await schedulerHealth(() => Promise.reject(refused)), {
    status: 'False',
    message: `${URL}: dial tcp 127.0.0.1:10259: connect: connection refused`,
  })
  const clock = new VirtualClock()
  const silent: SendRequest = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('the request was ended')))
    })
  const health = schedulerHealth(silent, clock)
  await clock.advance(20_000)
  assert.deepEqual(await health, {
    status: 'False',
    message: `${URL}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  })
})
