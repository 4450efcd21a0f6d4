import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pauseExecutable } from './pause-program.ts'

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const skip = process.platform === 'linux' ? false : 'it is a program for Linux'

test('pause sleeps through SIGCHLD and exits with 0 at SIGTERM and SIGINT', { skip }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-pause-'))
  const path = join(directory, 'pause')
  writeFileSync(path, pauseExecutable(architecture), { mode: 0o755 })
  try {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const child = spawn(path, { stdio: 'ignore' })
      const exited = once(child, 'exit')
      await once(child, 'spawn')
      for (let turn = 0; !isWaiting(child.pid ?? 0); turn++) {
        assert.ok(turn < 100_000, 'it never waits')
        await new Promise(setImmediate)
      }
      child.kill('SIGCHLD')
      child.kill('SIGCHLD')
      child.kill(signal)
      assert.deepEqual(await exited, [0, null])
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
})

/** Before it has loaded and blocked its signals, one would end it in the ordinary way. */
function isWaiting(processId: number): boolean {
  return /\(pause\) S/.test(readFileSync(`/proc/${processId}/stat`, 'utf8'))
}

test('every program is a small ELF file for its machine', () => {
  for (const [name, machine] of [
    ['amd64', 62],
    ['arm64', 183],
  ] as const) {
    const bytes = Buffer.from(pauseExecutable(name))
    assert.equal(bytes.toString('latin1', 1, 4), 'ELF')
    assert.equal(bytes.readUInt16LE(18), machine)
    assert.equal(Number(bytes.readBigUInt64LE(96)), bytes.length)
    assert.ok(bytes.length < 300)
  }
})
