import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../../test/support/api-server.ts'

test('a status that is written as v1 has in v2 what v2 always has', async () => {
  const server = await createTestServer()
  const path = (version: string) =>
    `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
  const spec = { scaleTargetRef, maxReplicas: 3 }
  const made = await server.send('POST', path('v1'), { body: { metadata: { name: 'a' }, spec } })
  assert.equal(made.code, 201, made.text)
  const body = { metadata: { name: 'a' }, spec, status: { currentReplicas: 0, desiredReplicas: 2 } }
  assert.equal((await server.send('PUT', `${path('v1')}/a/status`, { body })).code, 200)
  const { text } = await server.send('GET', `${path('v2')}/a`)
  assert.deepEqual(JSON.parse(text).status, { desiredReplicas: 2, currentMetrics: null })
  server.close()
})
