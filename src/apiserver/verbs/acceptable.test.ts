import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

test('what cannot be shown is not written, nor said to be missing', async () => {
  const { send, close } = await createTestServer()
  const body = { metadata: { name: 'a' } }
  const merge = { body: {}, contentType: 'application/merge-patch+json' }
  const ask = async (method: string, url: string, request: object = {}) =>
    (await send(method, url, { accept: 'text/html', ...request })).code
  assert.equal(await ask('POST', MAPS, { body }), 406)
  assert.equal(await ask('GET', `${MAPS}/a`), 406)
  assert.equal(await ask('PATCH', `${MAPS}/a`, merge), 406)
  assert.equal(await ask('DELETE', `${MAPS}/a`), 406)
  assert.equal((await send('GET', `${MAPS}/a`)).code, 404)
  assert.equal((await send('POST', MAPS, { body })).code, 201)
  assert.equal(await ask('DELETE', `${MAPS}/a`), 406)
  assert.equal(await ask('DELETE', MAPS), 406)
  const foreign = { accept: 'application/json;as=Foo;v=v1;g=meta.k8s.io' }
  assert.equal(await ask('GET', `${MAPS}/none`, foreign), 406)
  const pods = '/api/v1/namespaces/default/pods'
  assert.equal(await ask('PATCH', `${pods}/none/status`, merge), 406)
  assert.equal((await send('GET', `${MAPS}/a`)).code, 200)
  close()
})

test('a form that cannot be had is refused before parameters are', async () => {
  const { send, close } = await createTestServer()
  const configMaps = '/api/v1/namespaces/default/configmaps'
  const accept = 'application/json;as=Nope;g=meta.k8s.io;v=v1'
  for (const query of ['fieldSelector=a%3Db', 'watch=1&resourceVersion=abc']) {
    const [refused, plain] = [{ accept }, {}].map((request) =>
      send('GET', `${configMaps}?${query}`, request),
    )
    assert.equal((await refused)?.code, 406)
    assert.notEqual((await plain)?.code, 406)
  }
  const yaml = await send('GET', configMaps, { accept: 'application/yaml;stream=watch' })
  assert.equal(yaml.code, 406)
  const contentType = 'application/vnd.kubernetes.protobuf'
  const { text } = await send('DELETE', `${configMaps}/a`, { body: '{}', contentType })
  assert.match(JSON.parse(text).message, /^provided data does not appear to be a protobuf message/)
  close()
})
