import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { createLogger, silentLogger } from '../logger.ts'
import type { EndedSpan } from './span.ts'
import { SpanBatch } from './span-batch.ts'

const span = {} as EndedSpan

test('spans go together, after a while or once they are many', async () => {
  const clock = new VirtualClock()
  const sizes: number[] = []
  const send = async (spans: readonly EndedSpan[]) => void sizes.push(spans.length)
  const batch = new SpanBatch({ send, clock, logger: silentLogger })
  batch.add(span)
  await clock.advance(4000)
  batch.add(span)
  assert.deepEqual(sizes, [])
  await clock.advance(1000)
  assert.deepEqual(sizes, [2])
  for (let count = 0; count < 512; count++) batch.add(span)
  await setImmediate()
  assert.deepEqual(sizes, [2, 512])
  batch.add(span)
  await batch.close()
  assert.deepEqual(sizes, [2, 512, 1])
})

test('what cannot be sent is lost, and told; nobody waits, and memory is bounded', async () => {
  const clock = new VirtualClock()
  const told: string[] = []
  const logger = createLogger((_level, message, fields) => {
    told.push(`${message} ${JSON.stringify(fields)}`)
  })
  let answer: () => void = () => {}
  let sent = 0
  const send = async (spans: readonly EndedSpan[]) => {
    sent += spans.length
    await new Promise<void>((_, reject) => {
      answer = () => reject(new Error('nobody there'))
    })
  }
  const batch = new SpanBatch({ send, clock, logger })
  for (let count = 0; count < 5000; count++) batch.add(span)
  assert.equal(sent, 512)
  const closing = batch.close()
  for (let round = 0; round < 6; round++) {
    answer()
    await setImmediate()
  }
  await closing
  assert.equal(sent, 512 + 2048)
  assert.match(told.join('\n'), /could not be sent .*nobody there/)
  assert.match(told.join('\n'), /spans were lost .*2440/)
})
