import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { systemExec } from '../base/exec.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { silentLogger } from '../base/logger.ts'
import { removeCluster } from './remove-cluster.ts'

describe('removing a cluster', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-remove-'))
  after(() => rmSync(directory, { recursive: true, force: true }))

  const remove = (dataDirectory: string) =>
    removeCluster({
      dataDirectory,
      files: systemFileSystem,
      exec: systemExec,
      clock: new VirtualClock(),
      logger: silentLogger,
    })

  test('a directory that is no cluster’s is left alone', async () => {
    const photos = join(directory, 'photos')
    mkdirSync(join(photos, 'log'), { recursive: true })
    await assert.rejects(remove(photos), /not the data directory of a cluster; nothing was removed/)
    assert.ok(existsSync(join(photos, 'log')))
  })

  test('what a cluster has made goes, what others put there stays', async () => {
    const data = join(directory, 'data')
    for (const folder of ['certificates', 'store', 'log']) {
      mkdirSync(join(data, folder), { recursive: true })
    }
    writeFileSync(join(data, 'certificates', 'ca.key'), '')
    writeFileSync(join(data, 'notes.txt'), '')
    await remove(data)
    assert.ok(!existsSync(join(data, 'store')))
    assert.ok(existsSync(join(data, 'notes.txt')))
    rmSync(join(data, 'notes.txt'))
    mkdirSync(join(data, 'certificates'))
    writeFileSync(join(data, 'certificates', 'ca.key'), '')
    await remove(data)
    assert.ok(!existsSync(data))
  })
})
