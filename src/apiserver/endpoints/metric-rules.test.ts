import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counter, Gauge, Histogram } from 'prom-client'
import { MetricRegistry } from './metric-registry.ts'
import { MetricRules } from './metric-rules.ts'
import { writeMetrics } from './write-metrics.ts'

const allowed = (metric: string, label: string, ...values: string[]) =>
  new Map([[metric, new Map([[label, new Set(values)]])]])

/** The lines of one metric. */
async function linesOf(name: string, registry: MetricRegistry, rules: MetricRules) {
  const text = await writeMetrics(registry, rules)
  return text.split('\n').filter((line) => line.startsWith(name))
}

test('a disabled metric is not shown, but that there is such a one is', async () => {
  const rules = new MetricRules(['a_total', 'no_such', ''], new Map())
  const registry = new MetricRegistry(rules)
  new Counter({ name: 'a_total', help: 'A.', registers: [registry] }).inc()
  assert.ok(!(await writeMetrics(registry, rules)).includes('a_total'))
  assert.deepEqual(await linesOf('disabled', registry, rules), ['disabled_metrics_total 2'])
})

test('values that are not allowed are one series, and counted', async () => {
  const rules = new MetricRules([], allowed('a_total', 'verb', 'get', ''))
  const registry = new MetricRegistry(rules)
  const labelNames = ['verb', 'code']
  const counter = new Counter({ name: 'a_total', help: 'A.', labelNames, registers: [registry] })
  counter.inc({ verb: 'get', code: '200' }, 2)
  counter.inc({ verb: 'put', code: '200' }, 3)
  counter.inc({ verb: 'patch', code: '200' }, 4)
  counter.inc({ verb: 'patch', code: '409' })
  for (const _ of ['twice', 'the same']) {
    assert.deepEqual(await linesOf('a_total', registry, rules), [
      'a_total{code="200",verb="get"} 2',
      'a_total{code="200",verb="unexpected"} 7',
      'a_total{code="409",verb="unexpected"} 1',
    ])
  }
  assert.equal(rules.unexpectedTotal, 8)
  const total = 'cardinality_enforcement_unexpected_categorizations_total'
  assert.deepEqual(await linesOf(total, registry, rules), [`${total} 8`])
})

test('histograms become one with all their lines; a gauge is the last of those that it was', async () => {
  const rules = new MetricRules(
    [],
    new Map([...allowed('h', 'verb', 'get'), ...allowed('g', 'verb', 'get')]),
  )
  const registry = new MetricRegistry(rules)
  const common = { help: 'H.', labelNames: ['verb'], registers: [registry] }
  const histogram = new Histogram({ name: 'h', ...common, buckets: [1] })
  const gauge = new Gauge({ name: 'g', ...common })
  for (const [verb, value] of [
    ['put', 0.5],
    ['patch', 2],
  ] as const) {
    histogram.observe({ verb }, value)
    gauge.set({ verb }, value)
  }
  assert.deepEqual(await linesOf('h_', registry, rules), [
    'h_bucket{verb="unexpected",le="1"} 1',
    'h_bucket{verb="unexpected",le="+Inf"} 2',
    'h_sum{verb="unexpected"} 2.5',
    'h_count{verb="unexpected"} 2',
  ])
  assert.deepEqual(await linesOf('g{', registry, rules), ['g{verb="unexpected"} 2'])
  assert.equal(rules.unexpectedTotal, 4)
})
