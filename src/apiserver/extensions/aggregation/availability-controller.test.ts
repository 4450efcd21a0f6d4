import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { settle, VirtualClock } from '../../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../../base/logger.ts'
import type { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import { builtInKinds } from '../../../kinds/index.ts'
import { MemoryStorage } from '../../../storage/memory/memory-storage.ts'
import { ResourceTable } from '../../registry/resource-table.ts'
import { ApiServiceTable } from './api-service-table.ts'
import { AvailabilityController } from './availability-controller.ts'
import { AvailabilityMetrics } from './availability-metrics.ts'
import { RemoteServers } from './remote-server.ts'

const pool = { send: () => Promise.reject(new Error('nobody')), [Symbol.dispose]: () => {} }

test('a store that fails once while services are looked up is asked again', async () => {
  const clock = new VirtualClock()
  const ports = { clock, logger: silentLogger }
  const inner = MemoryStorage.create(ports)
  let failures = 0
  const storage = new Proxy(inner, {
    get(target, name) {
      if (name === 'list' && failures === 0) {
        return () => {
          failures++
          return Promise.reject(new Error('the store is away'))
        }
      }
      const found = Reflect.get(target, name, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  const resources = new ResourceTable({ kinds: builtInKinds, storage, ...ports })
  const table = new ApiServiceTable(() => pool, undefined)
  const controller = new AvailabilityController({
    ...{ ...ports, table, resources },
    servers: new RemoteServers(() => Promise.reject(new Error('nobody')), clock),
    metrics: new AvailabilityMetrics(new Registry()),
  })
  const written: APIService[] = []
  const client = { updateStatus: async (_kind: unknown, one: APIService) => written.push(one) }
  const stop = new AbortController()
  const running = controller.run(client as never, stop.signal)
  const service = { namespace: 'a', name: 'b' }
  const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, service }
  table.set({ metadata: { name: 'v1.a.b' }, spec, status: {} } as never)
  await clock.advance(1000)
  assert.equal(failures, 1)
  assert.equal(written[0]?.status.conditions?.[0]?.reason, 'ServiceNotFound')
  stop.abort()
  await running
  await settle()
  resources.close()
})
