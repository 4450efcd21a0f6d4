import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTracingConfiguration } from './tracing-configuration.ts'

const read = (fields: string, version = 'v1') =>
  readTracingConfiguration(
    `apiVersion: apiserver.config.k8s.io/${version}\nkind: TracingConfiguration\n${fields}`,
  )

test('upstream’s configuration, in all its versions', async () => {
  const usual = { endpoint: 'localhost:4317', samplingRatePerMillion: 0 }
  for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
    assert.deepEqual(await read('', version), usual)
  }
  const given = await read('endpoint: dns:///otel.example:4317\nsamplingRatePerMillion: 100')
  assert.deepEqual(given, { endpoint: 'dns:///otel.example:4317', samplingRatePerMillion: 100 })
  assert.equal((await read('endpoint: unix:///run/otel.sock')).endpoint, 'unix:///run/otel.sock')
  assert.equal((await read('endpoint: unix-abstract://otel')).endpoint, 'unix:\0otel')
})

test('what it cannot be is refused', async () => {
  await assert.rejects(read('samplingRatePerMillion: -1'), /sampling rate must be positive/)
  await assert.rejects(read('samplingRatePerMillion: 1000001'), /less than or equal to one million/)
  await assert.rejects(read('endpoint: http://a:4317'), /unsupported scheme: http\./)
  await assert.rejects(read('endPoint: a'), /unknown field "endPoint"/)
  await assert.rejects(read('', 'v2'), /expected TracingConfiguration/)
})
