import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLogger, type LogFields } from '../../base/logger.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { RequestAuthenticator } from '../authentication/authenticator.ts'
import type { Decision } from '../authorization/authorizer.ts'
import type { Handler } from '../handler.ts'
import { ServerRequest, type UserInfo } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import type { AccessObserver } from './access-observer.ts'
import { authenticate } from './authenticate.ts'
import { authorize } from './authorize.ts'
import { maxInFlight } from './max-in-flight.ts'
import { panicGuard } from './panic-guard.ts'

const OK: ServerResponse = { type: 'object', code: 200, object: {} }
const ALICE: UserInfo = { name: 'alice', groups: [] }
const ADMIN: UserInfo = { name: 'root', groups: ['system:masters'] }
const PODS = '/api/v1/namespaces/default/pods'

function request(method: string, url: string, user = ALICE, signal?: AbortSignal): ServerRequest {
  return new ServerRequest({
    method,
    url,
    user,
    connection: { remoteAddress: '127.0.0.1', peerCertificate: undefined },
    signal: signal ?? new AbortController().signal,
  })
}

describe('max in flight', () => {
  /** Requests that wait until they are told to go on. */
  function waitingRoom() {
    const counts = { readOnly: 0, mutating: 0 }
    const filter = maxInFlight(counts, { readOnly: 2, mutating: 1 })
    const finish: (() => void)[] = []
    const handler: Handler = () =>
      new Promise((resolve) => {
        finish.push(() => resolve(OK))
      })
    // Refusals are thrown at once, as by any filter that need not wait.
    const send = async (method: string, url: string, user = ALICE) =>
      filter(request(method, url, user), handler)
    return { counts, finish, send }
  }

  test('too many are sent away, reads and writes apart', async () => {
    const { counts, finish, send } = waitingRoom()
    const first = [send('GET', PODS), send('GET', `${PODS}/a`), send('POST', PODS)]
    assert.deepEqual(counts, { readOnly: 2, mutating: 1 })
    await assert.rejects(send('GET', PODS), (error: StatusError) => {
      assert.equal(error.code, 429)
      assert.equal(error.details?.retryAfterSeconds, 1)
      return error.message === 'Too many requests, please try again later.'
    })
    await assert.rejects(send('DELETE', `${PODS}/a`), { code: 429 })
    for (const end of finish) end()
    await Promise.all(first)
    assert.deepEqual(counts, { readOnly: 0, mutating: 0 })
  })

  test('watches do not count, and administrators are never sent away', async () => {
    const { counts, finish, send } = waitingRoom()
    const all = [
      ...[1, 2, 3].map(() => send('GET', `${PODS}?watch=1`)),
      ...[1, 2, 3].map(() => send('GET', PODS, ADMIN)),
    ]
    assert.deepEqual(counts, { readOnly: 3, mutating: 0 })
    for (const end of finish) end()
    await Promise.all(all)
  })

  test('a request that fails gives its place back', async () => {
    const counts = { readOnly: 0, mutating: 0 }
    const filter = maxInFlight(counts, { readOnly: 1, mutating: 1 })
    const fail = async () => filter(request('GET', PODS), () => Promise.reject(new Error('x')))
    await assert.rejects(fail(), /x/)
    await assert.rejects(fail(), /x/)
    assert.equal(counts.readOnly, 0)
  })
})

describe('panic guard', () => {
  const logged: LogFields[] = []
  const filter = panicGuard(createLogger((_level, _message, fields) => logged.push(fields)))
  const guard = async (one: ServerRequest, next: Handler) => filter(one, next)

  test('a fault of the program is logged, and told without its details', async () => {
    const failing = () => Promise.reject(new TypeError('token s3cret is undefined'))
    await assert.rejects(guard(request('GET', PODS), failing), (error: StatusError) => {
      assert.equal(error.code, 500)
      assert.doesNotMatch(JSON.stringify(error.toStatus()), /s3cret/)
      return error.message.startsWith('This request caused apiserver to panic.')
    })
    assert.equal(logged.length, 1)
    assert.equal(logged[0]?.['path'], PODS)
    assert.match(String(logged[0]?.['stack']), /filters/)
  })

  test('what the API refuses is passed on and not logged', async () => {
    const refusal = new StatusError('NotFound', 'none')
    const before = logged.length
    await assert.rejects(
      guard(request('GET', PODS), () => Promise.reject(refusal)),
      (error) => error === refusal,
    )
    assert.equal(logged.length, before)
  })

  test('what breaks because the client has gone is nobody’s fault', async () => {
    const gone = new AbortController()
    const before = logged.length
    const breaking = () => {
      gone.abort(new Error('the client has gone'))
      return Promise.reject(new Error('broken pipe'))
    }
    await assert.rejects(guard(request('GET', PODS, ALICE, gone.signal), breaking), { code: 503 })
    assert.equal(logged.length, before)
  })
})

describe('authorization', () => {
  test('is a plain 500 where an authorizer could not judge and no other said yes', async () => {
    const seen: string[] = []
    const observer: AccessObserver = {
      start: () => 0,
      authenticated() {},
      unauthenticated() {},
      authorized: (result) => seen.push(result),
      askedToImpersonate() {},
      impersonated() {},
    }
    const send = (verdict: Decision['verdict']) => {
      const asked = request('GET', `${PODS}?limit=1`)
      const filter = authorize(
        { authorize: () => ({ verdict, reason: '', error: '<x>' }) },
        observer,
      )
      return filter(asked, async () => OK)
    }
    for (const verdict of ['Deny', 'NoOpinion'] as const) {
      const response = await send(verdict)
      assert.ok(response.type === 'encoded')
      assert.equal(response.code, 500)
      assert.equal(response.contentType, 'text/plain; charset=utf-8')
      const text = `Internal Server Error: "${PODS}?limit=1": &lt;x&gt;\n`
      assert.equal(response.object(), text)
    }
    assert.equal(await send('Allow'), OK)
    assert.deepEqual(seen, ['error', 'error', 'allowed'])
  })
})

describe('authentication', () => {
  const BOB = { name: 'bob', groups: [] }
  const stranger = () => new ServerRequest({ method: 'GET', url: PODS, headers: {}, signal })
  const { signal } = new AbortController()
  /** The user that the filter lets in, and whether it had to wait for that. */
  async function userOf(...authenticators: RequestAuthenticator[]) {
    const one = stranger()
    const logger = createLogger(() => {})
    const answer = authenticate({ authenticators, logger })(one, () => OK)
    const isAtOnce = !(answer instanceof Promise)
    await answer
    return { name: one.user?.name, isAtOnce }
  }
  const asked = (name: string) => async () => ({ user: { ...BOB, name } })

  test('who is known is let in at once, unless somebody before has to be asked', async () => {
    const bob: RequestAuthenticator = { known: () => BOB, authenticate: asked('bob') }
    const none: RequestAuthenticator = {
      known: () => 'no-proof',
      authenticate: async () => undefined,
    }
    const slow: RequestAuthenticator = { authenticate: asked('carol') }
    const unsure: RequestAuthenticator = { known: () => undefined, authenticate: asked('dave') }
    assert.deepEqual(await userOf(bob), { name: 'bob', isAtOnce: true })
    assert.deepEqual(await userOf(none, bob), { name: 'bob', isAtOnce: true })
    assert.deepEqual(await userOf(slow, bob), { name: 'carol', isAtOnce: false })
    assert.deepEqual(await userOf(unsure, bob), { name: 'dave', isAtOnce: false })
    assert.deepEqual(await userOf(none, slow), { name: 'carol', isAtOnce: false })
  })
})
