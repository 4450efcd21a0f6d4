import assert from 'node:assert/strict'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import type { Controller, ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { ControllerManager } from '../../src/controllers/runtime/controller-manager.ts'
import { createTestServer, type TestServer } from './api-server.ts'

type ControllerClass = new (context: ControllerContext) => Controller

/** Runs controllers against an API server of their own; when the test ends, nothing is left. */
export async function withControllers(
  classes: readonly ControllerClass[],
  run: (server: TestServer) => Promise<void>,
  options?: Parameters<typeof createTestServer>[0],
): Promise<void> {
  const server = await createTestServer(options)
  const { client, clock } = server
  const ports = { client, clock, random: seededRandom(1), logger: silentLogger }
  const manager = new ControllerManager({
    ...ports,
    definitions: classes.map((Made) => ({
      name: Made.name,
      serviceAccount: '-',
      create: (context) => new Made(context),
    })),
    clientFor: () => client,
    informers: new SharedInformers(ports),
  })
  const stop = new AbortController()
  const running = manager.run(stop.signal)
  await clock.advance(100)
  try {
    await run(server)
  } finally {
    stop.abort()
    await clock.advance(1_000)
    await running
    server.close()
  }
  assert.equal(clock.pendingTimers, 0)
}
