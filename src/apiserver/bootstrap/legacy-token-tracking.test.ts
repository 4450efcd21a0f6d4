import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { ensureLegacyTokenTracking } from './legacy-token-tracking.ts'

const KEY = {
  namespace: 'kube-system',
  name: 'kube-apiserver-legacy-service-account-token-tracking',
}

test('the first day of tracking is kept, and repaired where it is none', async () => {
  const { client, clock, close } = await createTestServer({ isBootstrapped: true })
  const since = async () => (await client.get(ConfigMap, KEY)).data
  const day = new Date(clock.now()).toISOString().slice(0, 10)
  await ensureLegacyTokenTracking(client, clock)
  assert.deepEqual(await since(), { since: day })

  const write = async (data: Record<string, string>) =>
    client.update(ConfigMap, { ...(await client.get(ConfigMap, KEY)), data })
  await write({ since: '2020-02-29' })
  await ensureLegacyTokenTracking(client, clock)
  assert.deepEqual(await since(), { since: '2020-02-29' })

  await write({ since: '2021-02-29', note: 'mine' })
  await ensureLegacyTokenTracking(client, clock)
  assert.deepEqual(await since(), { since: day, note: 'mine' })
  close()
})
