import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { silentLogger } from '../../base/logger.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Event } from '../../kinds/core/v1/event.ts'
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

test('what is wrong with the ServiceCIDR is told by events, what lasts only once', async () => {
  const { client, clock, close } = await createTestServer({ isBootstrapped: true })
  const stop = new AbortController()
  const options = (serviceCidrs: readonly string[]) => ({
    ...{ service: { ...service, serviceCidrs }, clock, logger: silentLogger },
  })
  const messages = async () => {
    const { items } = await client.list(Event, { namespace: 'default' })
    return items.map(({ type, reason, message, count }) => [type, reason, message, count])
  }
  const other = keepBootstrapped(client, stop.signal, options(['10.97.0.0/16']))
  await clock.advance(30_000)
  const why = 'does not match the controller flag configurations [10.97.0.0/16]'
  const inconsistent = 'KubernetesDefaultServiceCIDRInconsistent'
  assert.deepEqual(await messages(), [
    ['Warning', inconsistent, `The default ServiceCIDR [10.96.0.0/16] ${why}`, 1],
  ])
  stop.abort()
  await other
  const found = await client.get(ServiceCIDR, KEY)
  const [ready] = found.status.conditions ?? []
  const unready = { ...ready, status: 'False', reason: 'Broken', message: 'it is broken' }
  await client.updateStatus(ServiceCIDR, { ...found, status: { conditions: [unready] } } as never)
  const again = new AbortController()
  const own = keepBootstrapped(client, again.signal, options(service.serviceCidrs))
  await clock.advance(30_000)
  const told = (await messages()).find(([, reason]) => reason === 'Broken')
  assert.deepEqual(told, ['Warning', 'Broken', 'Configuration matches, but it is broken', 1])
  assert.equal((await client.get(ServiceCIDR, KEY)).status.conditions?.[0]?.status, 'False')
  again.abort()
  await own
  close()
})

test('one that cannot be upgraded to two families says why, each time', async () => {
  const { client, clock, close } = await createTestServer({ isBootstrapped: true })
  const stop = new AbortController()
  const update = () => Promise.reject(new Error('refused'))
  const refusing = { ...missingOnlyClient(client), update }
  const serviceCidrs = ['10.96.0.0/16', 'fd00::/108']
  const keeping = keepBootstrapped(refusing, stop.signal, {
    ...{ service: { ...service, serviceCidrs }, clock, logger: silentLogger },
  })
  await clock.advance(20_000)
  const { items } = await client.list(Event, { namespace: 'default' })
  const [event] = items
  assert.equal(
    event?.message,
    'The default ServiceCIDR can not be upgraded from 10.96.0.0/16 to dual stack ' +
      '[10.96.0.0/16 fd00::/108] : refused',
  )
  assert.equal(event?.count, 2)
  stop.abort()
  await keeping
  close()
})
