import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import type { Client } from '../../client/client.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import { ensureServiceCidr } from './default-service-cidr.ts'
import { missingOnlyClient } from './missing-only-client.ts'

const KEY = { name: 'kubernetes' }
const RANGES = ['10.96.0.0/16']

test('one that is there and ready is read, and nothing is written', async () => {
  const { client, clock, close } = await createTestServer({ isBootstrapped: true })
  await ensureServiceCidr(client, RANGES, clock)
  const before = await client.get(ServiceCIDR, KEY)
  let reads = 0
  const written = () => Promise.reject(new Error('it was written'))
  const watched: Client = {
    ...{ ...missingOnlyClient(client), create: written, update: written, patch: written },
    get: (kind, key, options) => {
      reads++
      return client.get(kind, key, options)
    },
  }
  await ensureServiceCidr(watched, RANGES, clock)
  assert.equal(reads, 1)
  assert.deepEqual(await client.get(ServiceCIDR, KEY), before)
  await close()
})

test('one that another server makes at the same moment is as good', async () => {
  const { client, clock, close } = await createTestServer({ isBootstrapped: true })
  const before = await client.get(ServiceCIDR, KEY)
  await client.update(ServiceCIDR, { ...before, metadata: { ...before.metadata, finalizers: [] } })
  await client.delete(ServiceCIDR, KEY)
  let made = 0
  const raced: Client = {
    ...missingOnlyClient(client),
    async create(kind, draft, options) {
      if (made++ === 0) await client.create(ServiceCIDR, { metadata: KEY, spec: { cidrs: RANGES } })
      return client.create(kind, draft, options)
    },
  }
  await ensureServiceCidr(raced, RANGES, clock)
  const { status } = await client.get(ServiceCIDR, KEY)
  assert.deepEqual([made, status.conditions?.[0]?.status], [1, 'True'])
  await close()
})
