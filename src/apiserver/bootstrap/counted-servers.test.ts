import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { CountedServers, withServer } from './counted-servers.ts'
import { ensureKubernetesEndpoints } from './kubernetes-service.ts'

test('of too many servers those go that stand after the one that looks', () => {
  assert.deepEqual(withServer([], 'b', 1), ['b'])
  assert.deepEqual(withServer(['a', 'c'], 'b', 3), ['a', 'b', 'c'])
  assert.deepEqual(withServer(['a', 'c', 'd'], 'b', 2), ['a', 'b'])
  assert.deepEqual(withServer(['a', 'b'], 'c', 2), ['b', 'c'])
  assert.deepEqual(withServer(['a', 'b'], 'c', 1), ['c'])
  assert.deepEqual(withServer(['a', 'b'], 'b', 2), ['a', 'b'])
})

test('servers that are counted come behind the service, and go when they end', async () => {
  const { client, close } = await createTestServer({ isBootstrapped: true })
  const written = async () => {
    const key = { namespace: 'default', name: 'kubernetes' }
    const { subsets = [] } = await client.get(Endpoints, key)
    return subsets.flatMap((subset) => subset.addresses?.map(({ ip }) => ip) ?? [])
  }
  const write = async (servers: CountedServers, advertiseAddress: string) => {
    const service = { advertiseAddress, securePort: 6443, serviceCidrs: ['10.96.0.0/16'] }
    await ensureKubernetesEndpoints(client, { ...service, allAddresses: await servers.list() })
    return written()
  }
  const [one, two, three] = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
  const [first, second, third] = [one, two, three].map(() => new CountedServers(client, 2))
  assert.ok(first && second && third && one && two && three)
  await client.delete(Endpoints, { namespace: 'default', name: 'kubernetes' })
  await first.renew(one)
  assert.deepEqual(await write(first, one), [one])
  await second.renew(two)
  assert.deepEqual(await write(second, two), [one, two])
  await third.renew(three)
  assert.deepEqual(await write(third, three), [two, three])
  await third.remove(three)
  assert.deepEqual(await write(third, three), [two])
  close()
})
