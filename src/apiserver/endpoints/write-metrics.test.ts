import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counter, Gauge, Registry } from 'prom-client'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { writeMetrics } from './write-metrics.ts'

test('metrics are written as ever, in many turns', async () => {
  const registry = new Registry()
  const registers = [registry]
  for (let at = 0; at < 50; at++) {
    const one = new Counter({ name: `c${at}`, help: 'a "count"\n', labelNames: ['l'], registers })
    for (let series = 0; series < 500; series++) one.inc({ l: `value ${series} \\ "` })
  }
  new Gauge({
    name: 'read',
    help: 'is read',
    registers,
    collect() {
      this.set(5)
    },
  })
  new Gauge({ name: 'empty', help: 'has none', labelNames: ['l'], registers })
  const expected = await registry.metrics()
  const turns = new TurnCounter()
  assert.equal(await writeMetrics(registry), expected)
  assert.ok(turns.stop() >= 4)
  assert.equal(await writeMetrics(new Registry()), await new Registry().metrics())
})
