import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allow, HookedApi, patch } from '../support/hooked-api.ts'
import type { WebhookAnswer, WebhookCall } from '../support/webhook-server.ts'

describe('webhooks that fail', () => {
  const hooked = new HookedApi()

  const SLOW = { timeoutSeconds: 30, failurePolicy: 'Ignore' }

  test('the failure policy decides when a webhook cannot be asked', async () => {
    const dead = {
      clientConfig: { url: 'https://127.0.0.1:1/x', caBundle: hooked.server.caBundle },
    }
    await hooked.configure('validating', 'open', { ...dead, failurePolicy: 'Ignore' })
    assert.equal((await hooked.create('a')).code, 201)
    await hooked.configure('validating', 'shut', {
      ...dead,
      failurePolicy: 'Fail',
      timeoutSeconds: 3,
    })
    const { code, text } = await hooked.create('b')
    assert.equal(code, 500)
    const why = 'dial tcp 127.0.0.1:1: connect: connection refused'
    const post = `failed to call webhook: Post "https://127.0.0.1:1/x?timeout=3s": ${why}`
    assert.equal(
      JSON.parse(text).message,
      `Internal error occurred: failed calling webhook "hook-0.example.com": ${post}`,
    )
  })

  test('a webhook that hangs stalls its own requests alone, and no longer than its timeout', async () => {
    await hooked.configure('validating', 'v', { timeoutSeconds: 2 })
    hooked.server.answer = () => undefined
    const waiting = hooked.create('a')
    const other = await hooked.api.send('POST', '/api/v1/namespaces/default/secrets', {
      body: { metadata: { name: 'b' } },
    })
    assert.equal(other.code, 201)
    while (hooked.server.calls.length === 0) await new Promise(setImmediate)
    await hooked.api.clock.advance(2000)
    const { code, text } = await waiting
    assert.equal(code, 500)
    assert.match(JSON.parse(text).message, /\?timeout=2s": context deadline exceeded$/)
    hooked.server.answer = allow
    assert.equal((await hooked.create('c', {}, '?timeout=1s')).code, 201)
    assert.equal(hooked.server.calls[1]?.path, '/v/0?timeout=1s')
  })

  test('a write waits for all of its webhooks together no longer than 34 seconds', async () => {
    await hooked.configure('mutating', 'm', SLOW, SLOW)
    hooked.server.answer = () => undefined
    const waiting = hooked.create('a')
    while (hooked.server.calls.length === 0) await new Promise(setImmediate)
    await hooked.api.clock.advance(30_000)
    while (hooked.server.calls.length === 1) await new Promise(setImmediate)
    assert.equal(hooked.server.calls[1]?.path, '/m/1?timeout=4s')
    await hooked.api.clock.advance(4000)
    const { code, text } = await waiting
    assert.equal(code, 504)
    const why = 'request did not complete within requested timeout - context deadline exceeded'
    assert.equal(JSON.parse(text).message, `Timeout: ${why}`)
  })

  test('what a client grants is for all of its webhooks together', async () => {
    const brief = { timeoutSeconds: 3, failurePolicy: 'Ignore' }
    await hooked.configure('mutating', 'm', brief, SLOW)
    hooked.server.answer = (call) => (call.path.startsWith('/m/0') ? undefined : allow(call))
    const waiting = hooked.create('a', {}, '?timeout=10s')
    while (hooked.server.calls.length === 0) await new Promise(setImmediate)
    await hooked.api.clock.advance(3000)
    assert.equal((await waiting).code, 201)
    const paths = hooked.server.calls.map(({ path }) => path)
    assert.deepEqual(paths, ['/m/0?timeout=3s', '/m/1?timeout=7s'])
  })

  test('answers that are none are failures of the webhook', async () => {
    await hooked.configure('mutating', 'm', {})
    const messageFor = async (answer: (call: WebhookCall) => WebhookAnswer) => {
      hooked.server.answer = answer
      const { code, text } = await hooked.create('a', {}, '?dryRun=All')
      assert.equal(code, 500, text)
      const prefix = 'Internal error occurred: failed calling webhook "hook-0.example.com": '
      return JSON.parse(text)
        .message.replace(prefix, '')
        .replace('received invalid webhook response: ', '')
    }
    assert.equal(await messageFor(() => ({})), 'webhook response was absent')
    assert.match(
      await messageFor(() => ({ response: { uid: 'x', allowed: true } })),
      /^expected response.uid="[0-9a-f-]{36}", got "x"$/,
    )
    assert.equal(
      await messageFor((call) => ({ response: { uid: call.body['request'].uid, allowed: true } })),
      'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=',
    )
    assert.equal(
      await messageFor((call) => allow(call, { patch: 'W10=' })),
      'webhook returned response.patch but not response.patchType',
    )
    assert.equal(
      await messageFor((call) => allow(call, { patch: btoa('{}'), patchType: 'JSONPatch' })),
      'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    )
    hooked.server.answer = (call) => patch(call, { op: 'remove', path: '/data/none' })
    const unfit = JSON.parse((await hooked.create('a')).text)
    assert.equal(unfit.code, 500)
    assert.match(unfit.message, /^Internal error occurred: remove operation does not apply/)
  })
})
