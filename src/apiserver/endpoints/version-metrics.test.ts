import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { FEATURES } from './features.data.ts'
import { versionInfo } from './version-info.ts'
import { addVersionMetrics } from './version-metrics.ts'

test('what runs is told with its features, each once', async () => {
  const registry = new Registry()
  const version = versionInfo({
    ...{ programVersion: '0.1.0', commit: 'abc', buildDate: '2026-11-21T00:00:00Z' },
    ...{ nodeVersion: 'v20.11.0', os: 'linux', architecture: 'x64' },
  })
  addVersionMetrics(registry, version)
  const text = await registry.metrics()
  assert.match(text, /^version_info\{component="kube",binary="1\.36\.2",emulation="1\.36",/m)
  assert.match(text, /^kubernetes_feature_enabled\{name="WatchList",stage="BETA"\} 1$/m)
  assert.match(text, /^kubernetes_feature_enabled\{name="AllAlpha",stage="ALPHA"\} 0$/m)
  const names = FEATURES.flatMap((group) => group.names)
  assert.equal(new Set(names).size, names.length)
  assert.equal(text.match(/^kubernetes_feature_enabled\{/gm)?.length, names.length)
})
