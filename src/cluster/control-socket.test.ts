import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { systemFileSystem } from '../base/file-system.ts'
import { controlSocketPath, listenControl, sendControl } from './control-socket.ts'

describe('the control socket', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-control-'))
  after(() => rmSync(directory, { recursive: true }))
  const path = controlSocketPath(directory)
  const listen = (handler: (command: string, argument: unknown) => Promise<unknown>) =>
    listenControl(path, systemFileSystem, handler)

  test('carries a command and its answer, and an error as an error', async () => {
    await using _server = await listen(async (command, argument) => {
      if (command === 'fail') throw new Error('no', { cause: new Error('because') })
      return { command, argument }
    })
    assert.deepEqual(await sendControl(path, 'status', [1]), { command: 'status', argument: [1] })
    await assert.rejects(sendControl(path, 'fail'), /no: because/)
  })

  test('nobody there is undefined, whether the socket is gone or was left behind', async () => {
    assert.equal(await sendControl(path, 'status'), undefined)
    writeFileSync(path, '')
    assert.equal(await sendControl(path, 'status'), undefined)
    await using _server = await listen(async () => 'new')
    assert.equal(await sendControl(path, 'status'), 'new')
  })

  test('a second listener is refused while the first lives', async () => {
    await using _server = await listen(async () => 1)
    await assert.rejects(
      listen(async () => 2),
      { code: 'EADDRINUSE' },
    )
  })

  test('a path too long for a socket is replaced by a short one', () => {
    const long = `/var/${'x'.repeat(200)}`
    assert.ok(controlSocketPath(long).length < 108)
    assert.notEqual(controlSocketPath(long), controlSocketPath(`${long}y`))
  })
})
