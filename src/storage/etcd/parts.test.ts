import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { Attachments } from './attachments.ts'
import { parseEndpoints } from './endpoint.ts'
import { EtcdCallError, failureCodeOf, isTooLarge, refusalOfSize } from './failure.ts'
import { LeasePool } from './lease-pool.ts'
import { RecentEvents } from './recent-events.ts'
import { assertKey, listRequest } from './requests.ts'
import { assertSupported } from './server-version.ts'
import { SharedRead } from './shared-read.ts'
import type { EtcdWatchEvent } from './watch-event.ts'

function event(modRevision: number, text = 'x', key = '/a'): EtcdWatchEvent {
  const value = Buffer.from(text)
  return {
    ...{ type: 'PUT', key, value, createRevision: modRevision, modRevision, version: 1 },
    ...{ attachment: undefined, previous: undefined },
  }
}

test('a lease serves the writes of a twentieth of its time, a minute at most', async () => {
  const clock = new VirtualClock()
  const granted: number[] = []
  const pool = new LeasePool({ clock, grant: async (ttl) => BigInt(granted.push(ttl)) })
  assert.equal(await pool.leaseFor(3600), 1n)
  await clock.advance(59_000)
  assert.equal(await pool.leaseFor(3600), 1n)
  await clock.advance(2000)
  assert.equal(await pool.leaseFor(3600), 2n, 'the first would end too soon')
  assert.equal(await pool.leaseFor(60), 3n, 'the second would end too late')
  assert.deepEqual(granted, [3660, 3660, 63])
  for (let i = 1; i < 1000; i++) await pool.leaseFor(60)
  assert.equal(granted.length, 3)
  assert.equal(await pool.leaseFor(60), 4n, 'a lease has a thousand keys at most')
  pool.forget()
  assert.equal(await pool.leaseFor(60), 5n)
})

test('a lease that was not granted is asked for again', async () => {
  let failures = 1
  const pool = new LeasePool({
    clock: new VirtualClock(),
    grant: async () => {
      if (failures-- > 0) throw new Error('no leader')
      return 7n
    },
  })
  await assert.rejects(pool.leaseFor(60), /no leader/)
  assert.equal(await pool.leaseFor(60), 7n)
})

test('recent events are complete after their start, whole revisions at a time', () => {
  const recent = new RecentEvents(10, { events: 4, bytes: 1000 })
  recent.push([event(11), event(12), event(12), event(13)])
  assert.equal(recent.startRevision, 10)
  recent.push([event(14), event(15)])
  assert.equal(recent.startRevision, 12, 'both events of 12 have gone')
  assert.deepEqual(
    recent.after(13).map(({ modRevision }) => modRevision),
    [14, 15],
  )
  recent.push([event(16, 'y'.repeat(5000))])
  assert.equal(recent.startRevision, 16, 'one large event is not kept either')
  assert.deepEqual(recent.after(16), [])
})

test('history does not keep what a writer attached', () => {
  const recent = new RecentEvents(10, { events: 4, bytes: 1000 })
  recent.push([{ ...event(11), attachment: { decoded: true } }])
  assert.equal(recent.after(10)[0]?.attachment, undefined)
})

test('an event gets what its writer attached, before and after the answer', () => {
  const attachments = new Attachments()
  const add = (text: string, attachment: string, position = 0) =>
    attachments.add('/a', Buffer.from(text), attachment, (revision) => position >= revision)
  const early = add('1', 'one')
  const first = event(2, '1')
  attachments.attach(first)
  early.done(2)
  assert.equal(first.attachment, 'one')
  const late = add('2', 'two')
  add('2', 'other')
  late.done(4)
  const foreign = event(3, '3')
  attachments.attach(foreign)
  const second = event(4, '2')
  attachments.attach(second)
  assert.deepEqual([foreign.attachment, second.attachment], [undefined, 'two'])
  const third = event(5, '2')
  attachments.attach(third)
  assert.equal(third.attachment, 'other')
  add('4', 'four').failed()
  add('5', 'five', 6).done(6)
  assert.equal(attachments.size, 0, 'nothing is kept of what has passed')
})

test('who asks during a read gets the next one', async () => {
  const reads: ((value: number) => void)[] = []
  const read = new SharedRead(() => new Promise<number>((resolve) => reads.push(resolve)))
  const first = read.get()
  const [second, third] = [read.get(), read.get()]
  assert.equal(reads.length, 1)
  reads[0]?.(1)
  assert.equal(await first, 1)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(reads.length, 2, 'one read for both')
  reads[1]?.(2)
  assert.deepEqual(await Promise.all([second, third]), [2, 2])
})

test('endpoints are URLs, in a list with commas', () => {
  const targets = (list: string) => parseEndpoints(list).map(({ target, isTls }) => [target, isTls])
  assert.deepEqual(targets('https://a.b:2379, http://10.0.0.1:2379/,'), [
    ['dns:a.b:2379', true],
    ['dns:10.0.0.1:2379', false],
  ])
  assert.deepEqual(targets('https://[::1]:2379'), [['ipv6:[::1]:2379', true]])
  assert.deepEqual(targets('unix:///run/etcd.sock'), [['unix:/run/etcd.sock', false]])
  for (const wrong of ['', ',', 'localhost:2379', 'ftp://a', 'http://a:2379/v3', 'http://a:b']) {
    assert.throws(() => parseEndpoints(wrong), Error, wrong)
  }
})

test('failures are told apart by what may have happened', () => {
  const codeOf = (code: number, details: string) => failureCodeOf({ code, details, message: '' })
  assert.equal(codeOf(14, 'No connection established. Last error: ECONNREFUSED'), 'NotSent')
  assert.equal(codeOf(14, 'Connection dropped'), 'Lost')
  assert.equal(codeOf(14, 'etcdserver: request timed out'), 'Lost')
  assert.equal(codeOf(4, 'Deadline exceeded'), 'Lost')
  assert.equal(codeOf(8, 'etcdserver: mvcc: database space exceeded'), 'Refused')
  assert.equal(codeOf(3, 'etcdserver: request is too large'), 'Refused')
  const compacted = 'etcdserver: mvcc: required revision has been compacted'
  assert.equal(codeOf(11, compacted), 'Compacted')
  assert.equal(codeOf(11, 'etcdserver: mvcc: required revision is a future revision'), 'Future')
  assert.equal(failureCodeOf({ message: 'broken' }), 'Lost')
})

test('ranges end where the prefix ends, and begin where they are told', () => {
  assert.deepEqual(listRequest('/a/'), { key: '/a/', rangeEnd: '/a0' })
  assert.deepEqual(listRequest('/a/', '/a/é'), { key: '/a/é', rangeEnd: '/a0' })
  assert.deepEqual(listRequest('/b/', '/a/x'), { key: '/b/', rangeEnd: '/b0' })
  assert.deepEqual(listRequest(''), { key: '\0', rangeEnd: '\0' })
  assert.throws(() => listRequest('/a'), /does not end in/)
  for (const key of ['', '/\ud800']) assert.throws(() => assertKey(key), /well-formed/)
})

test('an etcd before 3.4 is refused', () => {
  for (const version of ['3.4.0', '3.6.1', '4.0.0', '3.10.0', 'unknown']) {
    assertSupported(version, 'here')
  }
  for (const version of ['3.3.27', '2.3.8']) {
    assert.throws(() => assertSupported(version, 'here'), /3\.4 or newer/)
  }
})

test('a request beyond two mebibytes is refused in the words of etcd’s client, as too large', () => {
  assert.equal(refusalOfSize(2 * 1024 * 1024), undefined)
  const refusal = refusalOfSize(2 * 1024 * 1024 + 1)
  assert.ok(refusal !== undefined)
  const error = new EtcdCallError('Txn', 'http://a', refusal)
  assert.equal(error.code, 'Refused')
  assert.equal(
    error.details,
    'rpc error: code = ResourceExhausted desc = trying to send message larger than max ' +
      '(2097153 vs. 2097152)',
  )
  assert.ok(isTooLarge(error))
  const said = (details: string) =>
    isTooLarge(new EtcdCallError('Txn', 'http://a', { code: 3, details, message: '' }))
  assert.ok(said('etcdserver: request is too large'))
  assert.ok(!said('etcdserver: mvcc: database space exceeded'))
})
