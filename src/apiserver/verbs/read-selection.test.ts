import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

test('kinds that name their fields are selected by a namespace where they have one', async () => {
  const { send, close } = await createTestServer()
  const ask = async (path: string) => {
    const { code, text } = await send('GET', `${path}?fieldSelector=metadata.namespace%3Dx`)
    return code === 200 ? 200 : JSON.parse(text).message
  }
  const certificates = '/apis/certificates.k8s.io'
  assert.equal(await ask('/api/v1/pods'), 200)
  assert.equal(await ask('/apis/storage.k8s.io/v1/storageclasses'), 200)
  const unknown = 'field label not supported: metadata.namespace'
  assert.equal(await ask('/api/v1/nodes'), unknown)
  assert.equal(await ask(`${certificates}/v1/certificatesigningrequests`), unknown)
  assert.equal(await ask(`${certificates}/v1beta1/podcertificaterequests`), unknown)
  close()
})
