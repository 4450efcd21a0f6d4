import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { yamlWorkers } from '../../src/cluster/start-yaml-worker.ts'
import { LongYaml } from '../../src/machinery/codec/yaml-thread.ts'

const never = new AbortController().signal

test('the thread that the build makes reads long YAML, and refuses what is none', async () => {
  const start = yamlWorkers(join(process.cwd(), 'dist'))
  assert.ok(start !== undefined, 'the build has made it')
  using yaml = new LongYaml(start, systemClock)
  const text = `a: [${'1, '.repeat(20_000)}9007199254740993]\n`
  const [good, bad] = await Promise.allSettled([
    yaml.decode({ text: `${text}a: 1\n`, findDuplicates: true }, never),
    yaml.decode({ text: `${text}b: [`, findDuplicates: true }, never),
  ])
  assert.deepEqual(good.status === 'fulfilled' && good.value, {
    value: { a: 1 },
    problems: ['yaml: unmarshal errors:\n  line 2: key "a" already set in map'],
  })
  assert.match(bad.status === 'rejected' ? String(bad.reason) : '', /^CodecError: yaml: line 2: /)
  const { value } = await yaml.decode({ text, findDuplicates: true }, never)
  const { a } = value as { readonly a: readonly unknown[] }
  assert.deepEqual([a.length, a[0], a.at(-1)], [20_001, 1, 9007199254740993n])
})

test('there is none beside a program that was not built', () => {
  assert.equal(yamlWorkers('/nowhere'), undefined)
})
