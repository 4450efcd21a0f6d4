import assert from 'node:assert/strict'
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { systemClock } from '../../base/clock.ts'
import { systemLogFiles } from './log-files.ts'
import { type LogOptions, readLogs } from './read-logs.ts'

const at = (second: number) => `2030-01-01T00:00:0${second}.000000001Z`
const LOG = [
  `${at(1)} stdout F one`,
  `${at(2)} stderr F two`,
  `${at(3)} stdout P th`,
  `${at(3)} stdout F ree`,
  'not a record',
  `${at(4)} stdout F `,
  '',
].join('\n')

async function read(path: string, options: Partial<LogOptions>): Promise<string> {
  const all = { follow: false, timestamps: false, ...options }
  const ports = { files: systemLogFiles, clock: systemClock, isRunning: async () => false }
  const parts: Buffer[] = []
  for await (const part of readLogs(path, all, ports, new AbortController().signal)) {
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

test('what is asked for of a log', async () => {
  using directory = temporaryDirectory()
  const path = join(directory.path, '0.log')
  writeFileSync(path, LOG)
  const since = Date.parse(at(3))
  const cases: readonly [Partial<LogOptions>, string][] = [
    [{}, 'one\ntwo\nthree\n\n'],
    [{ stream: 'stderr' }, 'two\n'],
    [{ tailLines: 2 }, '\n'],
    [{ tailLines: 3 }, 'ree\n\n'],
    [{ tailLines: 0 }, ''],
    [{ tailLines: 100 }, 'one\ntwo\nthree\n\n'],
    [{ limitBytes: 6 }, 'one\ntw'],
    [{ sinceMs: since }, 'three\n\n'],
    [{ timestamps: true, sinceMs: since }, `${at(3)} three\n${at(4)} \n`],
  ]
  for (const [options, expected] of cases) {
    assert.equal(await read(path, options), expected, JSON.stringify(options))
  }
  await assert.rejects(read(join(directory.path, 'none.log'), {}), /failed to open log file/)
})

test('the tail of a log longer than a block', async () => {
  using directory = temporaryDirectory()
  const path = join(directory.path, '0.log')
  const lines = Array.from({ length: 500 }, (_, index) => `${at(1)} stdout F line ${index}`)
  writeFileSync(path, `${lines.join('\n')}\n`)
  assert.equal(
    await read(path, { tailLines: 300 }),
    lines
      .slice(200)
      .map((line) => `${line.split(' F ')[1]}\n`)
      .join(''),
  )
})

test('a log is followed through rotation until its container ends', async () => {
  using directory = temporaryDirectory()
  const path = join(directory.path, '0.log')
  writeFileSync(path, `${at(1)} stdout F one\n`)
  let isRunning = true
  let text = ''
  const follow = async () => {
    const options = { follow: true, timestamps: false }
    const ports = { files: systemLogFiles, clock: systemClock, isRunning: async () => isRunning }
    for await (const part of readLogs(path, options, ports, new AbortController().signal)) {
      text += part.toString()
    }
  }
  const until = async (expected: string) => {
    const end = systemClock.monotonic() + 10_000
    while (text !== expected) {
      assert.ok(systemClock.monotonic() < end, `still ${JSON.stringify(text)}`)
      await setImmediate()
    }
  }
  const following = follow()
  await until('one\n')
  appendFileSync(path, `${at(2)} stdout F t`)
  appendFileSync(path, 'wo\n')
  await until('one\ntwo\n')
  renameSync(path, `${path}.old`)
  writeFileSync(path, `${at(3)} stdout F three\n`)
  await until('one\ntwo\nthree\n')
  isRunning = false
  appendFileSync(path, `${at(4)} stdout F last\n`)
  await following
  assert.equal(text, 'one\ntwo\nthree\nlast\n')
})
