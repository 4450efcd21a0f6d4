import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { seededRandom } from '../random.ts'
import type { EndedSpan } from './span.ts'
import { Tracer } from './tracer.ts'

function traced(samplingRatePerMillion = 1_000_000) {
  const ended: EndedSpan[] = []
  const clock = new VirtualClock()
  const onEnded = (span: EndedSpan) => void ended.push(span)
  const tracer = new Tracer({ samplingRatePerMillion, clock, random: seededRandom(1), onEnded })
  return { tracer, clock, ended }
}

test('parts know what they are part of, and when they were', async () => {
  const { tracer, clock, ended } = traced()
  const began = clock.now()
  const span = tracer.startTrace('GET', { kind: 'SERVER' })
  await tracer.run(span, async () => {
    await setImmediate()
    const part = tracer.start('Get', { attributes: { name: 'a' } })
    part.addEvent('found', { count: 1 })
    await clock.advance(7)
    part.end()
    part.end()
    part.addEvent('too late')
  })
  await clock.advance(3)
  span.fail('broken')
  span.end()
  const [part, whole] = ended
  assert.equal(ended.length, 2)
  assert.equal(part?.context.traceId, whole?.context.traceId)
  assert.equal(part?.parentSpanId, whole?.context.spanId)
  assert.notEqual(part?.context.spanId, whole?.context.spanId)
  assert.deepEqual(part?.events, [{ name: 'found', timeMs: began, attributes: { count: 1 } }])
  assert.deepEqual([part?.startMs, part?.endMs, whole?.endMs], [began, began + 7, began + 10])
  assert.deepEqual([part?.kind, whole?.kind, whole?.error], ['INTERNAL', 'SERVER', 'broken'])
  assert.equal(tracer.active, undefined)
})

test('what goes on after its end is no part of a span', async () => {
  for (const rate of [0, 1_000_000]) {
    const { tracer, ended } = traced(rate)
    const span = tracer.startTrace('GET')
    const seen: unknown[] = []
    const later = tracer.run(span, async () => {
      seen.push(tracer.active)
      await setImmediate()
      seen.push(tracer.active)
    })
    span.end()
    await later
    assert.deepEqual(seen, [span, undefined])
    assert.equal(ended.length, rate === 0 ? 0 : 1)
  }
})

test('work that fails is a span that failed', async () => {
  const { tracer, ended } = traced()
  const failing = tracer.during(tracer.startTrace('x'), () => Promise.reject(new Error('no')))
  await assert.rejects(failing, /no/)
  assert.equal(ended[0]?.error, 'no')
})

test('a caller decides whether it is recorded; else chance does, by the trace', () => {
  const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceState: 'k=v' }
  const never = traced(0)
  const part = never.tracer.startTrace('x', { parent: { ...parent, isSampled: true } })
  assert.equal(part.isRecording, true)
  assert.deepEqual([part.context.traceId, part.context.traceState], [parent.traceId, 'k=v'])
  const always = traced()
  const refused = always.tracer.startTrace('x', { parent: { ...parent, isSampled: false } })
  assert.equal(refused.isRecording, false)
  const child = refused.start('y')
  child.addEvent('unheard')
  child.end()
  assert.deepEqual(always.ended, [])
  assert.equal(never.tracer.startTrace('x').isRecording, false)
  const { tracer } = traced(250_000)
  const count = Array.from({ length: 4000 }, () => tracer.startTrace('x')).filter(
    ({ isRecording }) => isRecording,
  ).length
  assert.ok(count > 900 && count < 1100, `${count} of 4000`)
})
