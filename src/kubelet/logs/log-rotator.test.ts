import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { silentLogger } from '../../base/logger.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import { LogRotator } from './log-rotator.ts'

test('full logs are put aside, compressed, and removed in the end', async () => {
  using directory = temporaryDirectory()
  const clock = new VirtualClock()
  const logPath = join(directory.path, '0.log')
  let isWilling = true
  const runtime = {
    reopenContainerLog: async () => {
      if (!isWilling) throw new Error('not now')
      writeFileSync(logPath, '')
    },
  } as unknown as ContainerRuntime
  const rotator = new LogRotator({ runtime, files: systemFileSystem, clock, logger: silentLogger })
  const fill = async (text: string) => {
    writeFileSync(logPath, text)
    await rotator.rotate({ id: 'c', logPath }, 5)
    await clock.advance(1000)
  }
  await fill('tiny')
  assert.deepEqual(readdirSync(directory.path), ['0.log'])
  for (const text of ['first', 'second', 'third!', 'fourth', 'fifth!', 'sixth!']) await fill(text)
  const names = readdirSync(directory.path).toSorted()
  assert.equal(names.length, 5, `${names}`)
  assert.deepEqual(
    names.map((name) => name.replace(/\d{8}-\d{6}/, 'T')),
    ['0.log', '0.log.T.gz', '0.log.T.gz', '0.log.T.gz', '0.log.T'],
  )
  const oldest = readFileSync(join(directory.path, names[1] ?? ''))
  assert.equal(gunzipSync(oldest).toString(), 'third!')

  isWilling = false
  writeFileSync(logPath, 'seventh')
  await assert.rejects(rotator.rotate({ id: 'c', logPath }, 5), /not now/)
  assert.equal(readFileSync(logPath, 'utf8'), 'seventh', 'it stays where it is found')
})
