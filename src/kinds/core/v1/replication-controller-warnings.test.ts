import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../../test/support/api-server.ts'

test('who changes a replication controller is warned of the template that was there', async () => {
  const { send, close } = await createTestServer()
  const controllers = '/api/v1/namespaces/default/replicationcontrollers'
  const bodyOf = (terminationGracePeriodSeconds: number) => ({
    metadata: { name: 'a' },
    spec: {
      selector: { a: 'b' },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds },
      },
    },
  })
  await send('POST', controllers, { body: bodyOf(5) })
  const toWrong = await send('PUT', `${controllers}/a`, { body: bodyOf(-1) })
  assert.deepEqual([toWrong.code, toWrong.warnings], [200, []])
  const toRight = await send('PUT', `${controllers}/a`, { body: bodyOf(5) })
  assert.match(toRight.warnings[0] ?? '', /negative values are invalid/)
  close()
})
