import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts'
import { type Arrival, QueueSet, type Run } from './queue-set.ts'
import { SeatDemand } from './seat-demand.ts'
import { LevelUtilization } from './utilization.ts'

const ONE = { seats: 1, finalSeats: 0, finalMs: 0 }

function setOf(queues: number, queueLengthLimit: number, limit: number) {
  const clock = new VirtualClock()
  const set = new QueueSet(clock, new SeatDemand(clock), new LevelUtilization(clock, 'level'))
  set.configure({ queues, queueLengthLimit }, limit)
  /** Arrives, takes its time when its turn has come, and notes its end. */
  const ended: string[] = []
  const serve = async (name: string, hand: readonly number[], takesMs: number, estimate = ONE) => {
    const arrival = set.arrive(estimate, hand)
    if (arrival.type === 'rejected') return arrival.reason
    const run: Run = arrival.type === 'running' ? arrival.run : await arrival.wait.started
    await new Promise<void>((resolve) => clock.after(takesMs, resolve))
    ended.push(name)
    run.finish()
    return 'served'
  }
  return { clock, set, serve, ended }
}

function assertRunning(arrival: Arrival): Run {
  assert.ok(arrival.type === 'running')
  return arrival.run
}

describe('a queue set', () => {
  test('lets in what fits, makes wait what does not, and sends the rest away', async () => {
    const { set, clock } = setOf(1, 2, 2)
    const first = assertRunning(set.arrive(ONE, [0]))
    assertRunning(set.arrive(ONE, [0]))
    const waiting = [set.arrive(ONE, [0]), set.arrive(ONE, [0])]
    assert.deepEqual(
      waiting.map(({ type }) => type),
      ['waiting', 'waiting'],
    )
    assert.deepEqual(set.arrive(ONE, [0]), { type: 'rejected', reason: 'queue-full' })
    assert.deepEqual([set.executing, set.waiting, set.seatsInUse], [2, 2, 2])
    first.finish()
    await settle()
    assert.deepEqual([set.executing, set.waiting, set.seatsInUse], [2, 1, 2])
    assert.equal(clock.pendingTimers, 0)
  })

  test('without queues nothing waits', () => {
    const { set } = setOf(0, 0, 1)
    const run = assertRunning(set.arrive(ONE, []))
    assert.deepEqual(set.arrive(ONE, []), { type: 'rejected', reason: 'concurrency-limit' })
    run.finish()
    assertRunning(set.arrive(ONE, []))
  })

  test('queues are served evenly, however long one of them is', async () => {
    const { clock, serve, ended } = setOf(2, 100, 1)
    for (let count = 0; count < 50; count++) void serve('flood', [0], 10)
    await clock.advance(15)
    for (let count = 0; count < 5; count++) void serve('quiet', [1], 10)
    await clock.advance(110)
    const quiet = ended.filter((name) => name === 'quiet').length
    assert.equal(quiet, 5, ended.join(' '))
    assert.ok(ended.length <= 12)
    await clock.advance(1000)
    assert.equal(ended.length, 55)
  })

  test('a flow that asks for much at a time gets no more of the seats', async () => {
    const { clock, serve, ended } = setOf(2, 100, 4)
    const big = { seats: 4, finalSeats: 0, finalMs: 0 }
    for (let count = 0; count < 40; count++) void serve('big', [0], 10, big)
    for (let count = 0; count < 160; count++) void serve('small', [1], 10)
    await clock.advance(400)
    const bigs = ended.filter((name) => name === 'big').length
    const smalls = ended.length - bigs
    assert.ok(Math.abs(bigs * 4 - smalls) <= 16, `${bigs} of 4 seats, ${smalls} of one`)
  })

  test('what was idle gets no credit for it', async () => {
    const { clock, serve, ended } = setOf(2, 100, 1)
    for (let count = 0; count < 100; count++) void serve('old', [0], 10)
    await clock.advance(505)
    for (let count = 0; count < 20; count++) void serve('new', [1], 10)
    const before = ended.length
    await clock.advance(200)
    const since = ended.slice(before)
    const olds = since.filter((name) => name === 'old').length
    assert.ok(olds >= 9 && olds <= 11, `${olds} of ${since.length}`)
  })

  test('an arrival joins the emptiest queue of its hand', async () => {
    const { set } = setOf(4, 10, 1)
    assertRunning(set.arrive(ONE, [0]))
    for (let count = 0; count < 9; count++) set.arrive(ONE, [0, 1, 2])
    for (let count = 0; count < 27; count++) {
      const arrival = set.arrive(ONE, [0, 1, 2])
      assert.equal(arrival.type, count < 21 ? 'waiting' : 'rejected')
    }
    assert.equal(set.arrive(ONE, [2, 3]).type, 'waiting')
  })

  test('what gives up leaves its place to others', async () => {
    const { set } = setOf(1, 2, 1)
    const run = assertRunning(set.arrive(ONE, [0]))
    const first = set.arrive(ONE, [0])
    const second = set.arrive(ONE, [0])
    assert.ok(first.type === 'waiting' && second.type === 'waiting')
    assert.equal(first.wait.giveUp(), true)
    assert.equal(set.waiting, 1)
    run.finish()
    const started = await second.wait.started
    assert.equal(second.wait.giveUp(), false)
    assert.equal(first.wait.giveUp(), false)
    started.finish()
    assert.equal(set.isIdle, true)
  })

  test('a request for more seats than there are runs alone', async () => {
    const { set } = setOf(2, 10, 3)
    const huge = { seats: 10, finalSeats: 0, finalMs: 0 }
    const small = assertRunning(set.arrive(ONE, [0]))
    const waiting = set.arrive(huge, [1])
    assert.ok(waiting.type === 'waiting')
    small.finish()
    const run = await waiting.wait.started
    assert.equal(set.arrive(ONE, [0]).type, 'waiting')
    run.finish()
    assert.equal(set.executing, 1)
  })

  test('a write keeps its seats for a while after its end', async () => {
    const { set, clock } = setOf(1, 10, 3)
    const run = assertRunning(set.arrive({ seats: 1, finalSeats: 3, finalMs: 5 }, [0]))
    const waiting = set.arrive(ONE, [0])
    assert.ok(waiting.type === 'waiting')
    run.finish()
    assert.deepEqual([set.executing, set.waiting, set.seatsInUse], [0, 1, 3])
    await clock.advance(5)
    assert.deepEqual([set.executing, set.waiting, set.seatsInUse], [1, 0, 1])
  })

  test('a higher limit takes effect at once', () => {
    const { set } = setOf(1, 10, 1)
    for (let count = 0; count < 4; count++) set.arrive(ONE, [0])
    assert.equal(set.executing, 1)
    set.configure({ queues: 1, queueLengthLimit: 10 }, 3)
    assert.equal(set.executing, 3)
  })
})
