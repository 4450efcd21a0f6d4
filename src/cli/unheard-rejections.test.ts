import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logger } from '../base/logger.ts'
import { logUnheardRejections } from './unheard-rejections.ts'

test('a rejection that nobody waits for is logged, and the process goes on', () => {
  const before = process.listeners('unhandledRejection')
  const logged: unknown[] = []
  const logger = { error: (...entry: unknown[]) => logged.push(entry) } as unknown as Logger
  logUnheardRejections(logger)
  const [listener] = process.listeners('unhandledRejection').filter((one) => !before.includes(one))
  assert.ok(listener !== undefined)
  process.off('unhandledRejection', listener)
  const failure = new Error('the disk is full')
  listener(failure, Promise.resolve())
  const fields = { error: 'the disk is full', stack: failure.stack }
  assert.deepEqual(logged, [['a failure that nobody waited for', fields]])
})
