import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { createLogger } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import type { WatchEvent } from '../storage.ts'
import type { WatchListener } from './etcd-client.ts'
import { EventStream } from './event-stream.ts'
import type { EtcdEvent, EtcdWatchResponse } from './messages.ts'

/** A member of etcd that says what the test wants. */
function scene(after: number) {
  const clock = new VirtualClock()
  const errors: string[] = []
  const opened: number[] = []
  const delivered: number[] = []
  const ends: string[] = []
  let listener: WatchListener | undefined
  let left = 0
  let progressRequests = 0
  let current = after
  const stream = new EventStream(
    after,
    {
      client: {
        watchAll(startRevision, given) {
          opened.push(startRevision)
          listener = given
          return {
            requestProgress: () => progressRequests++,
            [Symbol.dispose]() {
              if (listener === given) listener = undefined
            },
          }
        },
        leaveMember: () => left++,
      },
      currentRevision: async () => current,
      clock,
      random: seededRandom(1),
      logger: createLogger((level, message) => level === 'error' && errors.push(message)),
    },
    {
      onEvents: (events: readonly WatchEvent[]) =>
        delivered.push(...events.map(({ modRevision }) => modRevision)),
      onCompacted: (revision) => ends.push(`compacted ${revision}`),
      onRegressed: (revision) => ends.push(`regressed ${revision}`),
    },
  )
  const send = (response: Partial<EtcdWatchResponse>) =>
    listener?.onResponse({
      ...{ watchId: 0, created: false, canceled: false, compactRevision: 0, cancelReason: '' },
      ...{ fragment: false, events: [] },
      ...response,
    })
  return {
    ...{ stream, clock, errors, opened, delivered, ends, send },
    breakOff: () => listener?.onEnd(new Error('connection dropped')),
    setCurrent(revision: number) {
      current = revision
    },
    isOpen: () => listener !== undefined,
    signs: () => ({ left, progressRequests }),
  }
}

const events = (...revisions: readonly number[]): readonly EtcdEvent[] =>
  revisions.map((modRevision) => ({
    type: 0,
    current: {
      ...{ key: '/a', value: Buffer.from('x'), createRevision: modRevision, modRevision },
      ...{ version: 1, lease: 0n },
    },
  }))

test('a broken stream goes on after the last revision that was delivered', async () => {
  const { stream, clock, opened, delivered, send, breakOff, setCurrent } = scene(10)
  send({ created: true })
  send({ events: events(11, 12, 12, 13) })
  setCurrent(15)
  breakOff()
  await clock.advance(5000)
  assert.deepEqual(opened, [11, 14])
  send({ events: events(14, 15) })
  assert.deepEqual(delivered, [11, 12, 12, 13, 14, 15])
  assert.equal(stream.position, 15)
  stream[Symbol.dispose]()
  assert.equal(clock.pendingTimers, 0)
})

test('an event that was left out is found by the gap, and nothing after it is delivered', () => {
  const { delivered, ends, errors, send, isOpen } = scene(10)
  send({ events: events(11) })
  send({ events: events(12, 14) })
  assert.deepEqual(delivered, [11])
  assert.deepEqual(ends, ['compacted 13'])
  assert.deepEqual(errors, ['etcd left out events'])
  assert.equal(isOpen(), false)
})

test('a deletion that was compacted at the start of a watch is found too', () => {
  const { delivered, ends, send } = scene(10)
  send({ created: true })
  send({ events: events(12) })
  assert.deepEqual([delivered, ends], [[], ['compacted 11']])
})

test('events that are sent again are left out', () => {
  const { stream, delivered, errors, send } = scene(10)
  send({ events: events(11, 12) })
  send({ events: events(11, 12, 13) })
  assert.deepEqual(delivered, [11, 12, 13])
  assert.deepEqual(errors, ['etcd sent events again'])
  stream[Symbol.dispose]()
})

test('progress that is told ahead of events moves nothing', () => {
  const { stream, send } = scene(10)
  send({ watchId: -1, header: { revision: 20 } })
  assert.equal(stream.position, 10)
  send({ events: events(11) })
  assert.equal(stream.position, 11)
  stream[Symbol.dispose]()
})

test('a revision in fragments is delivered when it is whole', async () => {
  const { stream, clock, delivered, opened, send, breakOff } = scene(10)
  send({ events: events(11, 12), fragment: true })
  assert.deepEqual(delivered, [])
  breakOff()
  await clock.advance(1000)
  assert.deepEqual(opened, [11, 11], 'half a message is forgotten')
  send({ events: events(11, 12), fragment: true })
  send({ events: events(12, 13) })
  assert.deepEqual(delivered, [11, 12, 12, 13])
  stream[Symbol.dispose]()
})

test('a store that was restored from a backup ends the stream', async () => {
  const { clock, ends, send, breakOff, setCurrent } = scene(10)
  send({ events: events(11, 12) })
  setCurrent(7)
  breakOff()
  await clock.advance(1000)
  assert.deepEqual(ends, ['regressed 7'])
  assert.equal(clock.pendingTimers, 0)
})

test('a canceled watch is begun again, a compacted one is not', async () => {
  const { clock, ends, opened, send } = scene(10)
  send({ created: true, canceled: true, cancelReason: 'etcdserver: no leader' })
  await clock.advance(1000)
  assert.deepEqual(opened, [11, 11])
  send({ canceled: true, compactRevision: 40 })
  await clock.advance(10_000)
  assert.deepEqual([ends, opened.length, clock.pendingTimers], [['compacted 40'], 2, 0])
})

test('a member that stays silent is asked for a sign of life, then left', async () => {
  const { stream, clock, opened, send, signs, setCurrent } = scene(10)
  send({ created: true })
  setCurrent(12)
  stream.expect(12)
  await clock.advance(1500)
  assert.deepEqual(signs(), { left: 0, progressRequests: 1 })
  await clock.advance(4000)
  assert.equal(signs().left, 1)
  assert.deepEqual(opened, [11, 11])
  send({ events: events(11, 12) })
  await clock.advance(10_000)
  assert.deepEqual([signs().left, clock.pendingTimers], [1, 0], 'who is there is left in peace')
  stream[Symbol.dispose]()
})
