import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileSystem } from '../base/file-system.ts'
import { silentLogger } from '../base/logger.ts'
import { type MetricFlags, readMetricRules } from './metric-flags.ts'

const counter = (name: string, label: string, ...values: string[]) => ({
  ...{ name, help: '', type: 'counter', aggregator: 'sum' },
  values: values.map((value) => ({ labels: { [label]: value }, value: 1 })),
})

/** What a manifest of this text, or these flags, make of a label's values. */
async function shown(flags: MetricFlags, manifest = '', label = 'verb') {
  const files = { readFile: () => Promise.resolve(Buffer.from(manifest)) }
  const context = { files: files as unknown as FileSystem, logger: silentLogger }
  const rules = await readMetricRules(flags, context)
  const metric = counter('a_total', label, 'get', 'put', 'x')
  const found = rules?.apply(metric as never)
  return found?.values.map(({ labels, value }) => `${labels[label]}=${value}`)
}

test('labels are read as by the flags of Go: one pair with commas, or several in quotes', async () => {
  assert.equal(await shown({}), undefined)
  const one = ['a_total,verb=get,put']
  assert.deepEqual(await shown({ allowMetricLabels: one }), ['get=1', 'put=1', 'unexpected=1'])
  const several = ['"a_total,verb=get","b_total,code=200,201"', 'a_total,other=x']
  assert.deepEqual(await shown({ allowMetricLabels: several }), ['get=1', 'unexpected=2'])
  assert.deepEqual(await shown({ allowMetricLabels: several }, '', 'other'), [
    ...['unexpected=2', 'x=1'],
  ])
})

test('a manifest is a map in YAML; one that cannot be read changes nothing', async () => {
  const flags = { allowMetricLabelsManifest: '/labels.yaml' }
  assert.deepEqual(await shown(flags, '"a_total,verb": "put"\n'), ['unexpected=2', 'put=1'])
  for (const wrong of ['- a', 'a_total: put', '"a_total,verb": [put]', '{']) {
    assert.equal(await shown(flags, wrong), undefined, wrong)
  }
})

test('what makes no sense ends the start', async () => {
  const refused = (flags: MetricFlags, message: RegExp) => assert.rejects(shown(flags), { message })
  await refused({ allowMetricLabels: ['a_total=x'] }, /metricName,labelName/)
  await refused({ allowMetricLabels: ['a_total'] }, /key=value/)
  const both = { allowMetricLabels: ['a,b=c'], allowMetricLabelsManifest: '/x' }
  await refused(both, /use one of/)
  await refused({ showHiddenMetricsForVersion: '1.34' }, /have the value '1\.35'/)
  assert.equal(await shown({ showHiddenMetricsForVersion: '1.35' }), undefined)
})
