import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../../test/support/virtual-clock.ts'
import type { PooledRequest } from '../../../base/https-pool.ts'
import { silentLogger } from '../../../base/logger.ts'
import { ApiServiceTable } from './api-service-table.ts'
import { DiscoveryController } from './discovery-controller.ts'
import { OpenApiController } from './open-api-controller.ts'
import { RemoteServers } from './remote-server.ts'

/** Either controller, and how long it gives a server to answer. */
const CONTROLLERS = [
  [DiscoveryController, 5000],
  [OpenApiController, 60_000],
] as const

for (const [Controller, timeoutMs] of CONTROLLERS) {
  test(`${Controller.name}: a request that is not answered is ended before the next`, async () => {
    const clock = new VirtualClock()
    const sent: PooledRequest[] = []
    const pool = {
      send: (request: PooledRequest) => {
        sent.push(request)
        return new Promise<never>((_, reject) =>
          request.signal?.addEventListener('abort', () => reject(new Error('it was ended'))),
        )
      },
      [Symbol.dispose]: () => {},
    }
    const table = new ApiServiceTable(() => pool, undefined)
    const servers = new RemoteServers(async () => ({ host: '192.0.2.1', port: 443 }), clock)
    const ports = { table, servers, clock, logger: silentLogger }
    const controller = new Controller({ ...ports, publish: () => {} })
    const stop = new AbortController()
    const running = controller.run(stop.signal)
    const service = { namespace: 'n', name: 's' }
    const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 }
    const status = { conditions: [{ type: 'Available', status: 'True' }] }
    table.set({ metadata: { name: 'v1.a.b' }, spec: { ...spec, service }, status } as never)
    await clock.advance(timeoutMs - 1)
    assert.deepEqual(
      sent.map(({ signal }) => signal?.aborted),
      [false],
    )
    await clock.advance(10 * timeoutMs)
    assert.ok(sent.length > 1, 'it is asked again')
    const open = sent.filter(({ signal }) => signal?.aborted !== true)
    assert.ok(open.length <= 1, `${open.length} of ${sent.length} requests are open`)
    stop.abort()
    await running
  })
}
