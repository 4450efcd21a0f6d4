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
