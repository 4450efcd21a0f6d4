import assert from 'node:assert/strict'
import { test } from 'node:test'
import { write } from '../../test/support/storage-suite/scenario.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { createLogger, silentLogger } from '../base/logger.ts'
import { Compactor, HistoryWindow } from './compactor.ts'
import { MemoryStorage } from './memory/memory-storage.ts'

const MINUTE = 60_000

test('the window gives the newest revision that is older than itself', () => {
  const window = new HistoryWindow(5 * MINUTE)
  assert.equal(window.advance(0, 10), undefined)
  assert.equal(window.advance(2 * MINUTE, 20), undefined)
  assert.equal(window.advance(5 * MINUTE, 30), 10)
  assert.equal(window.advance(6 * MINUTE, 40), undefined)
  assert.equal(window.advance(20 * MINUTE, 50), 40)
})

test('five minutes of history stay readable, older ones go, nothing is left running', async () => {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const abort = new AbortController()
  const options = { storage, clock, logger: silentLogger, keepMs: 5 * MINUTE, intervalMs: MINUTE }
  const running = new Compactor(options).run(abort.signal)
  const written = new Map<number, number>()
  for (let minute = 0; minute < 30; minute++) {
    written.set(minute, await write(storage, '/a', `${minute}`))
    await clock.advance(MINUTE)
    const kept = written.get(minute - 5)
    if (kept === undefined) continue
    const found = await storage.get('/a', { revision: kept })
    assert.equal(Buffer.from(found?.value ?? '').toString(), `${minute - 5}`)
    assert.ok(storage.compactedRevision() >= (written.get(minute - 7) ?? 0))
  }
  abort.abort()
  await running
  assert.equal(clock.pendingTimers, 0)
})

test('a failed compaction is told and tried again', async () => {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const compact = storage.compact.bind(storage)
  let failures = 1
  storage.compact = async (revision) => {
    if (failures-- > 0) throw new Error('no space left on device')
    await compact(revision)
  }
  const messages: string[] = []
  const logger = createLogger((level, message) => level === 'error' && messages.push(message))
  const abort = new AbortController()
  const options = { storage, clock, logger, keepMs: MINUTE, intervalMs: MINUTE }
  const running = new Compactor(options).run(abort.signal)
  for (let minute = 0; minute < 5; minute++) {
    await write(storage, '/a')
    await clock.advance(MINUTE)
  }
  assert.deepEqual(messages, ['compaction failed'])
  assert.ok(storage.compactedRevision() > 1)
  abort.abort()
  await running
})
