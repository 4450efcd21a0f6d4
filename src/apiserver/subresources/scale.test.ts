import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const SETS = '/apis/apps/v1/namespaces/default/statefulsets'
const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
}
const selector = { matchLabels: { app: 'a' } }

test('a scale is of one object in one namespace, and of the version that it names', async () => {
  const { send, close } = await createTestServer()
  const body = { metadata: { name: 'a' }, spec: { serviceName: 'x', selector, template } }
  assert.equal((await send('POST', SETS, { body })).code, 201)
  const put = async (metadata: object) => {
    const scale = {
      ...{ apiVersion: 'autoscaling/v1', kind: 'Scale' },
      metadata: { name: 'a', ...metadata },
      spec: { replicas: 3 },
    }
    const { code, text } = await send('PUT', `${SETS}/a/scale`, { body: scale })
    return `${code} ${JSON.parse(text).message ?? ''}`
  }
  assert.match(await put({ uid: 'other' }), /^409 .*UID in precondition: other/)
  assert.match(await put({ namespace: 'other' }), /^400 the namespace of the provided object/)
  assert.match(await put({ resourceVersion: '1' }), /^409 .*has been modified/)
  assert.equal(await put({ namespace: 'default' }), '200 ')
  const key = /StorageError: invalid object, Code: 4, Key: \/registry\/statefulsets\/default\/a, /
  assert.match(await put({ uid: 'other' }), key)
  assert.match(await put({ name: 'b', namespace: 'other' }), /^400 the namespace of the provided/)
  const patch = async (metadata: object) => {
    const contentType = 'application/merge-patch+json'
    const { code, text } = await send('PATCH', `${SETS}/a/scale`, {
      body: { metadata },
      contentType,
    })
    return `${code} ${JSON.parse(text).message ?? ''}`
  }
  assert.match(await patch({ name: 'b' }), /^400 the name of the object \(b\) does not match the/)
  const applied = await send('PATCH', `${SETS}/a/scale?fieldManager=x&force=true`, {
    body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'b' } },
    contentType: 'application/apply-patch+yaml',
  })
  assert.equal(applied.code, 400, applied.text)
  const elsewhere =
    'Operation cannot be fulfilled on statefulsets/scale.apps "a": Precondition failed: UID in ' +
    'precondition: other, UID in object meta: '
  assert.ok((await patch({ uid: 'other' })).startsWith(`409 ${elsewhere}`))
  close()
})

test('a scale of none says nothing of replicas', async () => {
  const { send, close } = await createTestServer()
  const spec = { serviceName: 'x', selector, template, replicas: 0 }
  await send('POST', SETS, { body: { metadata: { name: 'a' }, spec } })
  const specOf = async (method: string, body?: object) => {
    const contentType = 'application/merge-patch+json'
    const answer = await send(method, `${SETS}/a/scale`, body ? { body, contentType } : {})
    return JSON.parse(answer.text).spec
  }
  assert.deepEqual(await specOf('GET'), {})
  assert.deepEqual(await specOf('PATCH', { spec: { replicas: 2 } }), { replicas: 2 })
  assert.deepEqual(await specOf('PATCH', { spec: { replicas: 0 } }), {})
  close()
})

test('maxUnavailable of a StatefulSet is behind a gate that is off', async () => {
  const { send, close } = await createTestServer()
  const rollingUpdate = { partition: 1, maxUnavailable: 2 }
  const spec = { serviceName: 'x', selector, template, updateStrategy: { rollingUpdate } }
  const { text } = await send('POST', SETS, { body: { metadata: { name: 'a' }, spec } })
  assert.deepEqual(JSON.parse(text).spec.updateStrategy.rollingUpdate, { partition: 1 })
  close()
})
