import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import type { HttpRequest } from './http-request.ts'
import { SystemProbeNetwork } from './system-probe-network.ts'

test('a look over HTTP names its host, unless the probe names one', async () => {
  const server = createServer(({ headers }, response) => response.end(headers.host))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const network = new SystemProbeNetwork(systemClock)
  const look = (headers: HttpRequest['headers']) =>
    network.http({ scheme: 'http', host: '127.0.0.1', port, path: '/', headers }, 5000)
  try {
    const accept = ['Accept', '*/*'] as const
    assert.deepEqual(await look([accept]), { status: 200, body: `127.0.0.1:${port}` })
    assert.deepEqual(await look([accept, ['host', 'a.example']]), {
      status: 200,
      body: 'a.example',
    })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
