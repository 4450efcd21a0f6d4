import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../../test/support/api-server.ts'

const CLASSES = '/apis/scheduling.k8s.io/v1/priorityclasses'

test('the classes of the system are not deleted by their names', async () => {
  const { send, close } = await createTestServer({ isBootstrapped: true })
  const refused = await send('DELETE', `${CLASSES}/system-node-critical`)
  assert.equal(refused.code, 403)
  assert.match(refused.text, /this is a system priority class and cannot be deleted/)
  await send('POST', CLASSES, { body: { metadata: { name: 'own' }, value: 1 } })
  assert.equal((await send('DELETE', `${CLASSES}/own`)).code, 200)
  close()
})
