import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { createLogger, silentLogger } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import type { AuditEvent } from './audit-event.ts'
import { LogBackend } from './log-backend.ts'
import { LogFile } from './log-file.ts'
import { WebhookBackend, type WebhookLimits } from './webhook-backend.ts'

const event = (auditID: string): AuditEvent => ({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID,
  stage: 'ResponseComplete',
  requestURI: '/api/v1/pods',
  verb: 'list',
  user: { username: 'alice' },
  requestReceivedTimestamp: '2030-01-01T00:00:00.000000Z',
  stageTimestamp: '2030-01-01T00:00:00.000000Z',
})

describe('the log', () => {
  test('many events are one write, in order, a line each; the end loses none', async () => {
    const clock = new VirtualClock()
    const writes: string[] = []
    const file = { append: async (text: string) => void writes.push(text) }
    const backend = new LogBackend({ file, clock, logger: silentLogger })
    for (const id of ['a', 'b', 'c']) backend.process(event(id))
    assert.deepEqual(writes, [])
    await clock.advance(100)
    assert.equal(writes.length, 1)
    const idsIn = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as AuditEvent).auditID)
    assert.deepEqual(idsIn(writes[0] ?? ''), ['a', 'b', 'c'])
    backend.process(event('d'))
    await backend.close()
    assert.deepEqual(idsIn(writes[1] ?? ''), ['d'])
    assert.equal(clock.pendingTimers, 0)
  })

  test('a failing disk is told of, and what comes later is written', async () => {
    const clock = new VirtualClock()
    const errors: string[] = []
    const logger = createLogger((_level, message) => void errors.push(message))
    let isFull = true
    const writes: string[] = []
    const append = async (text: string) => {
      if (isFull) throw new Error('no space left on device')
      writes.push(text)
    }
    const backend = new LogBackend({ file: { append }, clock, logger })
    backend.process(event('a'))
    await clock.advance(100)
    assert.deepEqual(errors, ['audit events were lost'])
    assert.deepEqual(backend.losses, [{ plugin: 'log', events: 1 }])
    isFull = false
    backend.process(event('b'))
    await clock.advance(100)
    assert.equal(writes.length, 1)
    await backend.close()
  })

  test('a file is put aside when it is full; the old ones go by number and age', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'wherry-audit-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const clock = new VirtualClock()
    const path = join(directory, 'log', 'audit.log')
    const limits = { maxSizeBytes: 10, maxAgeDays: 1, maxBackups: 2 }
    const ports = { files: systemFileSystem, clock }
    const file = new LogFile(path, limits, ports)
    const names = () => readdirSync(join(directory, 'log')).toSorted()
    await file.append('12345\n')
    await file.append('67\n')
    assert.equal(readFileSync(path, 'utf8'), '12345\n67\n')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    await file.append('8901\n')
    assert.deepEqual(names(), ['audit-2030-01-01T00-00-00.000.log', 'audit.log'])
    assert.equal(readFileSync(path, 'utf8'), '8901\n')
    for (let round = 0; round < 3; round++) {
      await clock.advance(1000)
      await file.append('another line\n')
    }
    const backups = ['audit-2030-01-01T00-00-02.000.log', 'audit-2030-01-01T00-00-03.000.log']
    assert.deepEqual(names(), [...backups, 'audit.log'])
    await clock.advance(2 * 86_400_000)
    await new LogFile(path, limits, ports).append('after a restart\n')
    assert.deepEqual(names(), ['audit-2030-01-03T00-00-03.000.log', 'audit.log'])
  })
})

test('a log that somebody has taken away is made again, for its owner alone', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-audit-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'log', 'audit.log')
  const limits = { maxSizeBytes: 10, maxAgeDays: 0, maxBackups: 0 }
  const file = new LogFile(path, limits, { files: systemFileSystem, clock: new VirtualClock() })
  const takeAway = [
    () => renameSync(path, join(directory, 'taken')),
    () => rmSync(path),
    () => rmSync(join(directory, 'log'), { recursive: true }),
  ]
  for (const take of takeAway) {
    for (const next of ['2\n', 'as long as a whole file\n']) {
      await file.append('1\n')
      take()
      await file.append(next)
      assert.equal(readFileSync(path, 'utf8'), next)
      assert.equal(statSync(path).mode & 0o777, 0o600)
    }
  }
})

describe('the webhook', () => {
  const LIMITS: WebhookLimits = {
    bufferSize: 10,
    maxBatchSize: 4,
    maxBatchWaitMs: 30_000,
    throttleQps: 1,
    throttleBurst: 2,
    initialBackoffMs: 10_000,
  }

  function webhook(answer: (attempt: number) => number | Error) {
    const clock = new VirtualClock()
    const posted: { atMs: number; ids: string[] }[] = []
    const errors: string[] = []
    const backend = new WebhookBackend({
      post: async (body) => {
        const { kind, items } = JSON.parse(body) as { kind: string; items: AuditEvent[] }
        assert.equal(kind, 'EventList')
        posted.push({ atMs: clock.monotonic(), ids: items.map(({ auditID }) => auditID) })
        const outcome = answer(posted.length)
        if (outcome instanceof Error) throw outcome
        return outcome
      },
      limits: LIMITS,
      clock,
      random: seededRandom(1),
      logger: createLogger((_level, message) => void errors.push(message)),
    })
    const send = (...ids: string[]) => {
      for (const id of ids) backend.process(event(id))
    }
    return { clock, posted, errors, backend, send }
  }

  test('a batch goes when it is full, or after its time', async () => {
    const { clock, posted, backend, send } = webhook(() => 200)
    send('1', '2', '3', '4', '5')
    await clock.advance(0)
    assert.deepEqual(posted, [{ atMs: 0, ids: ['1', '2', '3', '4'] }])
    await clock.advance(30_000)
    assert.deepEqual(posted[1], { atMs: 30_000, ids: ['5'] })
    await backend.close()
    assert.equal(clock.pendingTimers, 0)
  })

  test('batches beyond the burst wait for the throttle', async () => {
    const { clock, posted, backend, send } = webhook(() => 200)
    for (let batch = 0; batch < 4; batch++) {
      send('a', 'b', 'c', 'd')
      await clock.advance(1)
    }
    await clock.advance(5000)
    const seconds = posted.map(({ atMs }) => Math.round(atMs / 1000))
    assert.deepEqual(seconds, [0, 0, 1, 2])
    await backend.close()
  })

  test('a batch that fails is tried again, later and later, and then lost', async () => {
    const { clock, posted, errors, backend, send } = webhook((attempt) =>
      attempt % 2 === 0 ? 503 : new Error('connection refused'),
    )
    send('a', 'b', 'c', 'd')
    await clock.advance(120_000)
    assert.equal(posted.length, 5)
    const waits = posted.slice(1).map(({ atMs }, index) => atMs - (posted[index]?.atMs ?? 0))
    for (const [index, wait] of waits.entries()) {
      const expected = 10_000 * 1.5 ** index
      assert.ok(wait >= expected && wait <= expected * 1.2, `${wait} after attempt ${index + 1}`)
    }
    assert.deepEqual(errors, ['audit events were lost'])
    assert.deepEqual(backend.losses, [{ plugin: 'webhook', events: 4 }])
    await backend.close()
  })

  test('a full buffer loses what comes, and says so; the end sends what waits', async () => {
    const { clock, posted, errors, backend, send } = webhook(() => 200)
    send(...'abcdefghijkl')
    await backend.close()
    await settle()
    assert.deepEqual(
      posted.flatMap(({ ids }) => ids),
      [...'abcdefghij'],
    )
    assert.deepEqual(errors, ['audit events were lost: the buffer is full'])
    assert.deepEqual(backend.losses, [{ plugin: 'webhook', events: 2 }])
    assert.equal(clock.pendingTimers, 0)
  })
})
