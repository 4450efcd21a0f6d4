import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gauge } from 'prom-client'
import { LevelledRegistry, MetricRegistry } from './metric-registry.ts'

test('the help of a metric begins with its level, and metrics are counted by it', async () => {
  const registry = new MetricRegistry()
  const gauge = (name: string) => new Gauge({ name, help: 'A help.', registers: [registry] })
  gauge('apiserver_storage_objects')
  gauge('workqueue_depth')
  gauge('apiserver_audit_error_total')
  gauge('process_open_fds')
  const text = await registry.metrics()
  const levelOf = (name: string) => new RegExp(`# HELP ${name} (.*)`).exec(text)?.[1]
  assert.equal(levelOf('apiserver_storage_objects'), '[STABLE] (Deprecated since 1.34.0) A help.')
  assert.equal(levelOf('workqueue_depth'), '[BETA] A help.')
  assert.equal(levelOf('apiserver_audit_error_total'), '[ALPHA] A help.')
  assert.equal(levelOf('process_open_fds'), 'A help.')
  const counted = (level: string, version: string) =>
    text.match(
      `registered_metrics_total{stability_level="${level}",deprecated_version="${version}"} (\\d)`,
    )?.[1]
  assert.equal(counted('STABLE', '1.34.0'), '1')
  assert.equal(counted('BETA', ''), '4', 'the three of the registry itself included')
  assert.equal(counted('ALPHA', ''), '2', 'one of them its own')
  assert.match(text, /^hidden_metrics_total 0$/m)
})

test('a registry that counts nothing has levels alone', async () => {
  const registry = new LevelledRegistry()
  new Gauge({ name: 'kubernetes_healthcheck', help: 'Health.', registers: [registry] })
  assert.match(await registry.metrics(), /^# HELP kubernetes_healthcheck \[STABLE\] Health\./)
})
