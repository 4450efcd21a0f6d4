import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { ensureKubernetesEndpoints } from './kubernetes-service.ts'

const KEY = { namespace: 'default', name: 'kubernetes' }

test('a server that has moved to the other family is behind the service there', async () => {
  const { client, close } = await createTestServer({ isBootstrapped: true })
  const slices: unknown[] = []
  const uids: string[] = []
  for (const advertiseAddress of ['192.0.2.1', '2001:db8::1', '2001:db8::2']) {
    const options = { advertiseAddress, securePort: 6443, serviceCidrs: ['10.96.0.0/16'] }
    await ensureKubernetesEndpoints(client, options)
    const { addressType, endpoints, metadata } = await client.get(EndpointSlice, KEY)
    slices.push([addressType, endpoints?.flatMap(({ addresses }) => addresses)])
    uids.push(metadata.uid ?? '')
  }
  assert.deepEqual(slices, [
    ['IPv4', ['192.0.2.1']],
    ['IPv6', ['2001:db8::1']],
    ['IPv6', ['2001:db8::2']],
  ])
  assert.equal(uids[1], uids[2], 'it stays where the family does')
  await close()
})

test('addresses that are there already are not written again, nor that there are none', async () => {
  const { client, close } = await createTestServer({ isBootstrapped: true })
  for (const advertiseAddress of ['127.0.0.1', '192.0.2.1']) {
    const options = { advertiseAddress, securePort: 6443, serviceCidrs: ['10.96.0.0/16'] }
    await ensureKubernetesEndpoints(client, options)
    const before = await client.get(EndpointSlice, KEY)
    await ensureKubernetesEndpoints(client, options)
    assert.deepEqual(await client.get(EndpointSlice, KEY), before, advertiseAddress)
  }
  await close()
})

test('the service itself has one address for good, and says so', async () => {
  const { client, close } = await createTestServer({ isBootstrapped: true })
  const { metadata, spec } = await client.get(Service, KEY)
  assert.deepEqual([spec.ipFamilyPolicy, spec.ipFamilies], ['SingleStack', ['IPv4']])
  const [{ fieldsV1 = {} } = {}] = metadata.managedFields ?? []
  const owned = (fieldsV1 as { 'f:spec'?: object })['f:spec']
  assert.deepEqual(owned !== undefined && 'f:ipFamilyPolicy' in owned, true)
  await close()
})
