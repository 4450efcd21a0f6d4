import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { writeMetrics } from '../../apiserver/endpoints/write-metrics.ts'
import { EgressMetrics } from './egress-metrics.ts'

test('connections by proxies are counted, timed, and told where they failed', async () => {
  const clock = new VirtualClock()
  const metrics = new EgressMetrics(clock)
  const labels = { protocol: 'http_connect', transport: 'tcp' } as const
  let outcome: 'reached' | 'refused' | 'unreachable' = 'reached'
  const dial = metrics.measured(async (_address, _signal, onProxyReached) => {
    if (outcome === 'unreachable') throw new Error('nobody there')
    onProxyReached?.()
    await clock.advance(200)
    if (outcome === 'refused') throw new Error('403')
    return new PassThrough()
  }, labels)
  const address = { host: 'a', port: 1 }
  await dial(address)
  outcome = 'refused'
  await assert.rejects(dial(address), /403/)
  outcome = 'unreachable'
  await assert.rejects(dial(address), /nobody/)
  const text = await writeMetrics(metrics.registry)
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && !/_bucket/.test(line))
  const common = 'protocol="http_connect"'
  assert.deepEqual(lines.toSorted(), [
    '',
    `apiserver_egress_dialer_dial_duration_seconds_count{${common},transport="tcp"} 1`,
    `apiserver_egress_dialer_dial_duration_seconds_sum{${common},transport="tcp"} 0.2`,
    `apiserver_egress_dialer_dial_failure_count{${common},stage="connect",transport="tcp"} 1`,
    `apiserver_egress_dialer_dial_failure_count{${common},stage="proxy",transport="tcp"} 1`,
    `apiserver_egress_dialer_dial_start_total{${common},transport="tcp"} 3`,
  ])
})
