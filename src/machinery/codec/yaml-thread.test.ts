import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { CodecError } from './json.ts'
import { answerYaml, documentOf, type YamlQuestion } from './yaml-message.ts'
import { LongYaml, type YamlThreadEvents } from './yaml-thread.ts'

/** Threads that answer when a test says so. */
class FakeThreads {
  readonly started: YamlThreadEvents[] = []
  readonly asked: YamlQuestion[] = []
  ended = 0

  start = (events: YamlThreadEvents) => {
    this.started.push(events)
    return {
      ask: (question: YamlQuestion) => void this.asked.push(question),
      end: () => this.#end(),
    }
  }

  /** The newest thread answers the newest question. */
  answer(): void {
    const question = this.asked.at(-1)
    assert(question !== undefined)
    this.started.at(-1)?.onAnswer(answerYaml(question))
  }

  #end(): void {
    this.ended++
  }
}

const long = (name: string) => `name: ${name}\n${'#\n'.repeat(10_000)}`
const never = new AbortController().signal
const ask = (text: string) => ({ text, findDuplicates: true })

test('long texts are read elsewhere, one at a time, short ones at once', async () => {
  const clock = new VirtualClock()
  const threads = new FakeThreads()
  const yaml = new LongYaml(threads.start, clock)
  assert.deepEqual(await yaml.decode(ask('a: 1'), never), { value: { a: 1 }, problems: [] })
  assert.equal(threads.started.length, 0)
  const first = yaml.decode(ask(long('a')), never)
  const second = yaml.decode(ask(`${long('b')}name: c`), never)
  assert.equal(threads.asked.length, 1)
  threads.answer()
  assert.deepEqual(await first, { value: { name: 'a' }, problems: [] })
  assert.equal(threads.asked.length, 2)
  threads.answer()
  assert.deepEqual((await second).problems, [
    'yaml: unmarshal errors:\n  line 10002: key "name" already set in map',
  ])
  const refused = yaml.decode(ask(`[${long('a')}`), never)
  threads.answer()
  await assert.rejects(refused, CodecError)
  assert.equal(threads.started.length, 1)
  assert.equal(threads.ended, 0)
  await clock.advance(60_000)
  assert.equal(threads.ended, 1)
  assert.equal(clock.pendingTimers, 0)
})

test('a text that takes too long goes with its thread, and the next is read by another', async () => {
  const clock = new VirtualClock()
  const threads = new FakeThreads()
  const yaml = new LongYaml(threads.start, clock)
  const slow = assert.rejects(yaml.decode(ask(long('a')), never), {
    name: 'CodecError',
    message: 'yaml: reading the document takes more than 30 s',
  })
  const gone = new AbortController()
  const left = assert.rejects(yaml.decode(ask(long('b')), gone.signal), /gone/)
  const next = yaml.decode(ask(long('c')), never)
  gone.abort(new Error('gone'))
  await clock.advance(30_000)
  await Promise.all([slow, left])
  assert.deepEqual([threads.started.length, threads.ended, threads.asked.length], [2, 1, 2])
  threads.started[0]?.onFailure(new Error('the first thread has nothing to say any more'))
  threads.answer()
  assert.deepEqual((await next).value, { name: 'c' })
  const failing = yaml.decode(ask(long('d')), never)
  threads.started[1]?.onFailure(new Error('out of order'))
  await assert.rejects(failing, /out of order/)
  const last = yaml.decode(ask(long('e')), never)
  assert.equal(threads.started.length, 3)
  yaml[Symbol.dispose]()
  await assert.rejects(last, /the server ends/)
  assert.equal(clock.pendingTimers, 0)
})

test('what comes from a thread is what decoding gives', () => {
  const texts = ['a: [1, 1e3, x, null, yes]', 'a: 9223372036854775807', 'a: 1e300', 'a: -0.0', '']
  const values = texts.map((text) => documentOf(answerYaml(ask(text))).value)
  assert.deepEqual(values, [
    { a: [1, 1000, 'x', null, true] },
    { a: 9223372036854775807n },
    { a: 1e300 },
    { a: -0 },
    null,
  ])
})
