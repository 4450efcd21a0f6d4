import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestListener } from '../../../test/support/test-listener.ts'
import { systemClock } from '../../base/clock.ts'
import { ServerMetrics } from './server-metrics.ts'
import { versionInfo } from './version-info.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

test('the sizes of answers to reads are counted as they were sent', async () => {
  const version = versionInfo({
    ...{ programVersion: '0.1.0', commit: 'abc', buildDate: '2026-11-21T00:00:00Z' },
    ...{ nodeVersion: 'v20.11.0', os: 'linux', architecture: 'x64' },
  })
  const metrics = new ServerMetrics(systemClock, version)
  const harness = await TestListener.start(systemClock)
  const object = { data: 'x'.repeat(200_000) }
  harness.handler = (request) =>
    metrics.filter(request, async () => ({ type: 'object', code: 200, object }))
  try {
    const plain = await harness.http2('GET', CONFIG_MAPS)
    await harness.http2('POST', CONFIG_MAPS, {}, Buffer.from('{}'))
    const packed = await harness.http2('GET', CONFIG_MAPS, { 'accept-encoding': 'gzip' })
    const text = await metrics.registry.metrics()
    const lines = text.split('\n').filter((line) => line.startsWith('apiserver_response_sizes_'))
    const [sum = '', count = ''] = lines.filter((line) => !line.includes('bucket'))
    assert.match(sum, /verb="LIST",group="",version="v1",resource="configmaps"/)
    assert.ok(packed.body.length < plain.body.length / 10)
    assert.equal(Number(sum.split(' ').at(-1)), plain.body.length + packed.body.length)
    assert.equal(Number(count.split(' ').at(-1)), 2)
    assert.ok(!lines.some((line) => line.includes('verb="POST"')))
  } finally {
    harness.session.destroy()
    await harness.listener.close()
  }
})
