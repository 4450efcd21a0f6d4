import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { loseOutput } from './lost-output.ts'

test('a line that cannot be written ends nothing', () => {
  const log = new EventEmitter()
  const full = new Error('ENOSPC: no space left on device, write')
  // An error that nobody listens to is thrown, which ends the process.
  assert.throws(() => log.emit('error', full), full)
  loseOutput([log])
  assert.ok(log.emit('error', full))
})
