import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { writeMetrics } from './write-metrics.ts'

test('metrics are written as Go’s library writes them', async () => {
  const registry = new Registry()
  const registers = [registry]
  const counter = { name: 'zebras_total', help: 'Zebras, "striped"\n\\.', registers }
  const zebras = new Counter({ ...counter, labelNames: ['of', 'a'] })
  zebras.inc({ of: 'x\n"\\', a: '' }, 1_234_567)
  zebras.inc({ of: 'y', a: '1' }, 999_999)
  const sizes = new Histogram({
    ...{ name: 'sizes_bytes', help: 'Sizes.', labelNames: ['verb', 'code'], registers },
    buckets: [0.005, 1000, 1_000_000, 15_552_000],
  })
  sizes.observe({ verb: 'GET', code: '200' }, 5000.5)
  new Gauge({
    ...{ name: 'read', help: 'Is read.', registers },
    collect() {
      this.set(Number.NaN)
    },
  })
  new Gauge({ name: 'empty', help: 'Has none.', labelNames: ['l'], registers })
  const bucket = 'sizes_bytes_bucket{code="200",verb="GET",le='
  assert.deepEqual((await writeMetrics(registry)).split('\n'), [
    '# HELP empty Has none.',
    '# TYPE empty gauge',
    '# HELP read Is read.',
    '# TYPE read gauge',
    'read NaN',
    '# HELP sizes_bytes Sizes.',
    '# TYPE sizes_bytes histogram',
    `${bucket}"0.005"} 0`,
    `${bucket}"1000"} 0`,
    `${bucket}"1e+06"} 1`,
    `${bucket}"1.5552e+07"} 1`,
    `${bucket}"+Inf"} 1`,
    'sizes_bytes_sum{code="200",verb="GET"} 5000.5',
    'sizes_bytes_count{code="200",verb="GET"} 1',
    '# HELP zebras_total Zebras, "striped"\\n\\\\.',
    '# TYPE zebras_total counter',
    'zebras_total{a="",of="x\\n\\"\\\\"} 1.234567e+06',
    'zebras_total{a="1",of="y"} 999999',
    '',
  ])
  assert.equal(await writeMetrics(new Registry()), '')
})

test('many metrics are written in many turns', async () => {
  const registry = new Registry()
  const registers = [registry]
  for (let at = 0; at < 50; at++) {
    const one = new Counter({ name: `c${at}`, help: 'one', labelNames: ['l'], registers })
    for (let series = 0; series < 500; series++) one.inc({ l: `value ${series}` })
  }
  const turns = new TurnCounter()
  await writeMetrics(registry)
  assert.ok(turns.stop() >= 4)
})
