import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { sleep } from '../../base/clock.ts'
import { type AdmissionAttributes, AdmissionChain, type AdmissionPlugin } from './admission.ts'
import { AdmissionMetrics } from './admission-metrics.ts'

const attributes = {
  operation: 'CREATE',
  kind: { group: '', plural: 'pods' },
} as unknown as AdmissionAttributes

test('each plugin and each step is timed, refusals apart', async () => {
  const clock = new VirtualClock()
  const registry = new Registry()
  const slow: AdmissionPlugin = {
    name: 'Slow',
    operations: ['CREATE'],
    async mutate() {
      await sleep(clock, 200)
      return undefined
    },
  }
  const strict: AdmissionPlugin = {
    name: 'Strict',
    operations: ['CREATE'],
    mutate: async () => undefined,
    validate: () => Promise.reject(new Error('no')),
  }
  const idle: AdmissionPlugin = { ...strict, name: 'Idle', operations: ['DELETE'] }
  const chain = new AdmissionChain([slow, strict, idle], new AdmissionMetrics(registry, clock))
  const admitted = chain.mutate(attributes)
  await clock.advance(200)
  await admitted
  await assert.rejects(chain.validate(attributes), /no/)

  const lines = (await registry.metrics()).split('\n')
  const sums = lines.filter((line) => /_(sum|count)\{/.test(line)).toSorted()
  const plugin = 'apiserver_admission_controller_admission_duration_seconds'
  const step = 'apiserver_admission_step_admission_duration_seconds'
  const admit = 'type="admit",operation="CREATE",rejected="false"'
  const refused = 'type="validate",operation="CREATE",rejected="true"'
  assert.deepEqual(sums, [
    `${plugin}_count{name="Slow",${admit}} 1`,
    `${plugin}_count{name="Strict",${admit}} 1`,
    `${plugin}_count{name="Strict",${refused}} 1`,
    `${plugin}_sum{name="Slow",${admit}} 0.2`,
    `${plugin}_sum{name="Strict",${admit}} 0`,
    `${plugin}_sum{name="Strict",${refused}} 0`,
    `${step}_count{${admit}} 1`,
    `${step}_count{${refused}} 1`,
    `${step}_sum{${admit}} 0.2`,
    `${step}_sum{${refused}} 0`,
  ])
})
