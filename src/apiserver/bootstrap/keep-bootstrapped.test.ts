import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { silentLogger } from '../../base/logger.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import { keepBootstrapped } from './keep-bootstrapped.ts'
import { missingOnlyClient } from './missing-only-client.ts'

const KEY = { namespace: 'default', name: 'kubernetes' }
const LEASES = { name: 'kube-node-lease' }
const service = {
  advertiseAddress: '192.0.2.1',
  securePort: 6443,
  serviceCidrs: ['10.96.0.0/16'],
}

test('what every cluster has is made again, ten seconds after it was deleted', async () => {
  const { client, clock, close } = await createTestServer({ isBootstrapped: true })
  const stop = new AbortController()
  const options = { service, clock, logger: silentLogger }
  const keeping = keepBootstrapped(missingOnlyClient(client), stop.signal, options)
  await clock.advance(10_000)
  const before = await client.get(ServiceCIDR, KEY)
  await client.update(ServiceCIDR, { ...before, metadata: { ...before.metadata, finalizers: [] } })
  await client.delete(ServiceCIDR, KEY)
  await client.delete(Service, KEY)
  await client.delete(EndpointSlice, KEY)
  await assert.rejects(client.get(Endpoints, KEY), /not found/)
  await client.delete(Namespace, LEASES)
  const leases = await client.get(Namespace, LEASES)
  const path = '/api/v1/namespaces/kube-node-lease/finalize'
  await client.raw('PUT', path, { ...leases, spec: { finalizers: [] } })
  await assert.rejects(client.get(Namespace, LEASES), /not found/)
  await assert.rejects(client.get(ServiceCIDR, KEY), /not found/)
  await assert.rejects(client.get(Service, KEY), /not found/)
  await clock.advance(10_000)
  const again = await client.get(ServiceCIDR, KEY)
  assert.notEqual(again.metadata.uid, before.metadata.uid)
  assert.deepEqual(again.spec.cidrs, service.serviceCidrs)
  assert.equal(again.status.conditions?.[0]?.status, 'True')
  assert.equal((await client.get(Service, KEY)).spec.clusterIP, '10.96.0.1')
  const { subsets } = await client.get(Endpoints, KEY)
  assert.deepEqual(subsets?.[0]?.addresses, [{ ip: '192.0.2.1' }])
  assert.equal((await client.get(EndpointSlice, KEY)).endpoints?.length, 1)
  assert.equal((await client.get(Namespace, LEASES)).metadata.deletionTimestamp, undefined)
  stop.abort()
  await keeping
  close()
})
