import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestListener } from '../../../test/support/test-listener.ts'
import { systemClock } from '../../base/clock.ts'
import type { WatchFrame } from '../response.ts'
import { ServerMetrics } from './server-metrics.ts'
import { versionInfo } from './version-info.ts'

const WATCH = '/api/v1/namespaces/default/configmaps?watch=true'

function frameOf(bytes: number, endsInitialEvents = false): WatchFrame {
  const event = { type: 'BOOKMARK' as const, object: {} as never }
  return { event, endsInitialEvents, bytes: () => Buffer.alloc(bytes, 'x') }
}

test('what a watch is sent is counted, alone or with others, and when its beginning was', async () => {
  const version = versionInfo({
    ...{ programVersion: '0.1.0', commit: 'abc', buildDate: '2026-11-21T00:00:00Z' },
    ...{ nodeVersion: 'v20.11.0', os: 'linux', architecture: 'x64' },
  })
  const metrics = new ServerMetrics(systemClock, version)
  const harness = await TestListener.start(systemClock)
  const batches = [
    [frameOf(100)],
    [frameOf(2000), frameOf(300, true)],
    Array.from({ length: 200 }, () => frameOf(10)),
    [frameOf(300_000)],
  ]
  harness.handler = (request) =>
    metrics.filter(request, async () => ({
      ...{ type: 'watch', code: 200, contentType: 'application/json' },
      batches: (async function* () {
        yield* batches
      })(),
    }))
  try {
    const { body } = await harness.http2('GET', WATCH)
    const text = await metrics.registry.metrics()
    const read = (series: string) =>
      text.match(new RegExp(`^apiserver_watch_${series}\\} (.*)$`, 'm'))?.[1]
    const of = 'group="",version="v1",resource="configmaps"'
    assert.equal(read(`events_total\\{${of}`), '204')
    assert.equal(read(`events_sizes_sum\\{${of}`), String(body.length))
    assert.equal(read(`events_sizes_bucket\\{le="1024",${of}`), '202')
    assert.equal(read(`events_sizes_bucket\\{le="131072",${of}`), '203')
    assert.equal(read(`list_duration_seconds_count\\{${of},scope="namespace"`), '1')
  } finally {
    harness.session.destroy()
    await harness.listener.close()
  }
})
