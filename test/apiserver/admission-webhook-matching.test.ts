import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ALL_CONFIG_MAPS,
  allow,
  CONFIG_MAPS,
  CONFIGURATIONS,
  HookedApi,
  patch,
} from '../support/hooked-api.ts'

describe('which webhooks are asked', () => {
  const hooked = new HookedApi()

  test('only webhooks without side effects are asked about dry runs', async () => {
    await hooked.configure('validating', 'v', { sideEffects: 'NoneOnDryRun' })
    hooked.server.answer = (call) => allow(call)
    assert.equal((await hooked.create('a', {}, '?dryRun=All')).code, 201)
    assert.equal(hooked.server.calls[0]?.body['request'].dryRun, true)
    await hooked.configure('validating', 'w', { sideEffects: 'Some' }).catch(() => {})
    const configured = await hooked.api.send(
      'GET',
      `${CONFIGURATIONS}/validatingwebhookconfigurations/w`,
    )
    assert.equal(configured.code, 404) // v1 takes no other side effects: nothing more to refuse.
  })

  test('selectors, rules and the objects that are exempt', async () => {
    await hooked.configure(
      'validating',
      'v',
      { objectSelector: { matchLabels: { judged: 'yes' } } },
      { namespaceSelector: { matchLabels: { judged: 'yes' } } },
      { rules: [{ ...ALL_CONFIG_MAPS, operations: ['DELETE'] }] },
      { rules: [{ ...ALL_CONFIG_MAPS, scope: 'Cluster' }] },
      {
        rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }],
        objectSelector: { matchLabels: { everything: 'yes' } },
      },
    )
    hooked.server.answer = (call) => allow(call)
    const paths = () => hooked.server.calls.splice(0).map(({ path }) => path.replace(/\?.*/, ''))
    await hooked.create('a')
    assert.deepEqual(paths(), [])
    await hooked.create('b', { metadata: { name: 'b', labels: { judged: 'yes' } } })
    assert.deepEqual(paths(), ['/v/0'])
    // The old object's labels count too.
    await hooked.api.send('PUT', `${CONFIG_MAPS}/b`, { body: { metadata: { name: 'b' } } })
    assert.deepEqual(paths(), ['/v/0'])
    await hooked.api.send('PATCH', '/api/v1/namespaces/default', {
      body: { metadata: { labels: { judged: 'yes' } } },
      contentType: 'application/merge-patch+json',
    })
    assert.deepEqual(paths(), [])
    await hooked.create('c')
    assert.deepEqual(paths(), ['/v/1'])
    await hooked.api.send('DELETE', `${CONFIG_MAPS}/c`)
    assert.deepEqual(paths().toSorted(), ['/v/1', '/v/2'])
    const configuration = { metadata: { name: 'x', labels: { everything: 'yes' } }, webhooks: [] }
    await hooked.api.send('POST', `${CONFIGURATIONS}/validatingwebhookconfigurations`, {
      body: configuration,
    })
    assert.deepEqual(paths(), [])
    await hooked.create('d', { metadata: { name: 'd', labels: { everything: 'yes' } } })
    assert.deepEqual(paths().toSorted(), ['/v/1', '/v/4'])
  })

  test('whoever wants it is asked again after a later change, once', async () => {
    await hooked.configure('mutating', 'm', { reinvocationPolicy: 'IfNeeded' }, {}, {})
    hooked.server.answer = (call) => {
      const [, index] = /m\/(\d)/.exec(call.path) ?? []
      if (index === '0') return allow(call)
      return patch(call, { op: 'add', path: '/data', value: { [`by${index}`]: 'x' } })
    }
    const { code, text } = await hooked.create('a')
    assert.equal(code, 201, text)
    const asked = hooked.server.calls.map(({ path }) => path.slice(3, 4))
    assert.deepEqual(asked, ['0', '1', '2', '0'])
    assert.deepEqual(JSON.parse(text).data, { by2: 'x' })
  })

  test('conditions decide whether a webhook is asked', async () => {
    const condition = (expression: string) => [{ name: 'c', expression }]
    await hooked.configure(
      'validating',
      'v',
      { matchConditions: condition("object.metadata.name == 'a'") },
      { matchConditions: condition("request.userInfo.username != 'admin'") },
      { matchConditions: condition("object.data.x == 'y'"), failurePolicy: 'Ignore' },
      { matchConditions: condition("authorizer.requestResource.check('create').allowed()") },
    )
    hooked.server.answer = (call) => allow(call)
    await hooked.create('a')
    const asked = () => hooked.server.calls.splice(0).map(({ path }) => path.slice(3, 4))
    assert.deepEqual(asked().toSorted(), ['0', '3'])
    await hooked.create('b', { data: { x: 'y' } })
    assert.deepEqual(asked().toSorted(), ['2', '3'])
    await hooked.configure('validating', 'w', {
      matchConditions: condition("object.data.x == 'y'"),
    })
    const { code, text } = await hooked.create('c')
    assert.equal(code, 403)
    const why = "expression 'object.data.x == 'y'' resulted in error: no such key: data"
    assert.equal(JSON.parse(text).message, `configmaps "c" is forbidden: ${why}`)
  })
})
