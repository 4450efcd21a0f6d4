import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { FlowSchema } from '../../kinds/flowcontrol/v1/flow-schema.ts'
import type { UserInfo } from '../request.ts'
import { parseRequestInfo } from '../request-info.ts'
import { allocateConcurrency } from './allocate-concurrency.ts'
import { MANDATORY_SCHEMAS, SUGGESTED_SCHEMAS } from './bootstrap-objects.data.ts'
import { matchesSchema } from './flow-matching.ts'
import { RetryAfter } from './retry-after.ts'
import { SeatDemand } from './seat-demand.ts'
import { dealHand } from './shuffle-sharding.ts'
import { estimateWork } from './work-estimate.ts'

const infoOf = (request: string) => {
  const [method = '', url = ''] = request.split(' ')
  const [path = '', query = ''] = url.split('?')
  const parameters = new URLSearchParams(query)
  return { info: parseRequestInfo(method, path, parameters), query: parameters }
}

describe('shuffle sharding', () => {
  test('a hand has different queues, and the same flow the same ones', () => {
    for (const user of ['alice', 'bob', 'system:serviceaccount:a:b', '']) {
      const hand = dealHand('global-default', user, 128, 6)
      assert.equal(new Set(hand).size, 6)
      assert.ok(hand.every((queue) => queue >= 0 && queue < 128))
      assert.deepEqual(dealHand('global-default', user, 128, 6), hand)
    }
    assert.deepEqual(dealHand('a', 'b', 3, 3).toSorted(), [0, 1, 2])
  })

  test('hands are spread over all queues, and two seldom share more than two', () => {
    const dealt = new Array<number>(128).fill(0)
    const attacker = new Set(dealHand('s', 'attacker', 128, 6))
    let squeezed = 0
    for (let flow = 0; flow < 2000; flow++) {
      const hand = dealHand('s', `user-${flow}`, 128, 6)
      for (const queue of hand) dealt[queue] = (dealt[queue] ?? 0) + 1
      if (hand.filter((queue) => attacker.has(queue)).length > 2) squeezed++
    }
    const average = (2000 * 6) / 128
    assert.ok(dealt.every((count) => count > average / 2 && count < average * 2))
    assert.ok(squeezed < 20, `${squeezed} of 2000`)
  })
})

describe('which schema', () => {
  const ordered = [...MANDATORY_SCHEMAS, ...SUGGESTED_SCHEMAS].toSorted(
    (a, b) => a.spec.matchingPrecedence - b.spec.matchingPrecedence,
  ) as unknown as FlowSchema[]
  const userOf = (name: string, ...groups: string[]): UserInfo => ({
    name,
    groups: [...groups, 'system:authenticated'],
  })
  const LEASE = 'PUT /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/a'
  const NODE = userOf('system:node:a', 'system:nodes')
  const account = (namespace: string) =>
    userOf(`system:serviceaccount:${namespace}:web`, 'system:serviceaccounts')
  const cases: readonly (readonly [string, UserInfo, string])[] = [
    ['GET /api/v1/pods', userOf('admin', 'system:masters'), 'exempt'],
    ['GET /healthz/etcd', userOf('alice'), 'probes'],
    ['GET /metrics', userOf('alice'), 'global-default'],
    ['GET /api/v1/pods', userOf('alice'), 'global-default'],
    [LEASE, userOf('system:kube-scheduler'), 'system-leader-election'],
    [LEASE, account('kube-system'), 'system-leader-election'],
    [LEASE, account('default'), 'service-accounts'],
    ['GET /api/v1/pods', userOf('system:kube-scheduler'), 'kube-scheduler'],
    ['GET /api/v1/pods', account('kube-system'), 'kube-system-service-accounts'],
    ['GET /api/v1/pods', account('kube-systems'), 'service-accounts'],
    [LEASE, NODE, 'system-node-high'],
    ['PATCH /api/v1/nodes/a/status', NODE, 'system-node-high'],
    ['GET /api/v1/nodes/a', NODE, 'system-node-high'],
    ['GET /api/v1/pods', NODE, 'system-nodes'],
    ['GET /api/v1/pods', { name: 'x', groups: ['system:unauthenticated'] }, 'global-default'],
  ]
  for (const [request, user, expected] of cases) {
    test(`${request} of ${user.name}: ${expected}`, () => {
      const found = ordered.find((schema) => matchesSchema(schema, user, infoOf(request).info))
      assert.equal(found?.metadata.name, expected)
    })
  }
})

describe('seats', () => {
  const facts = { objectCount: () => 350, watchCount: () => 25 }
  const seatsOf = (request: string, maxSeats = 10) => {
    const { info, query } = infoOf(request)
    return estimateWork(info, query, maxSeats, facts)
  }

  test('lists take a seat for a hundred objects, watches for those that they begin with', () => {
    assert.equal(seatsOf('GET /api/v1/pods').seats, 4)
    assert.equal(seatsOf('GET /api/v1/pods', 2).seats, 2)
    assert.equal(seatsOf('GET /api/v1/pods?watch=true').seats, 4)
    assert.equal(seatsOf('GET /api/v1/pods?watch=true&resourceVersion=7').seats, 1)
    const streaming = 'watch=true&resourceVersion=7&sendInitialEvents=true'
    assert.equal(seatsOf(`GET /api/v1/pods?${streaming}`).seats, 4)
    assert.equal(seatsOf('GET /api/v1/namespaces/a/pods/b').seats, 1)
    assert.equal(seatsOf('GET /api/v1/pods?limit=50&continue=x').seats, 1)
    assert.equal(seatsOf('GET /healthz').seats, 1)
  })

  test('writes keep seats for the events that they cause', () => {
    const estimate = seatsOf('POST /api/v1/namespaces/a/pods')
    assert.deepEqual(estimate, { seats: 1, finalSeats: 3, finalMs: 5 })
    const squeezed = seatsOf('POST /api/v1/namespaces/a/pods', 1)
    assert.deepEqual(squeezed, { seats: 1, finalSeats: 1, finalMs: 15 })
    const token = 'POST /api/v1/namespaces/a/serviceaccounts/b/token'
    assert.equal(seatsOf(token).finalSeats, 0)
  })

  test('are divided in proportion to what is wanted, within the bounds of each', () => {
    const item = (target: number, lowerBound: number, upperBound: number) => ({
      ...{ target, lowerBound, upperBound },
    })
    const rounded = (...items: ReturnType<typeof item>[]) =>
      allocateConcurrency(100, items).seats.map((seats) => Math.round(seats))
    assert.deepEqual(rounded(item(10, 0, 600), item(30, 0, 600)), [25, 75])
    assert.deepEqual(rounded(item(10, 0, 15), item(30, 0, 600)), [15, 85])
    assert.deepEqual(rounded(item(50, 40, 600), item(300, 0, 600)), [40, 60])
    assert.deepEqual(rounded(item(0, 0, 600), item(0, 0, 600)), [50, 50])
    const proportion = (...items: ReturnType<typeof item>[]) =>
      allocateConcurrency(100, items).proportion.toFixed(3)
    assert.equal(proportion(item(10, 0, 600), item(30, 0, 600)), '2.500')
    assert.equal(proportion(item(10, 0, 15), item(30, 0, 600)), '2.833')
    assert.equal(proportion(item(10, 0, 20), item(10, 0, 30)), '3.000')
    assert.deepEqual(rounded(item(10, 0, 20), item(10, 0, 30)), [20, 30])
  })

  test('demand follows a rise at once and a fall slowly', async () => {
    const clock = new VirtualClock()
    const demand = new SeatDemand(clock)
    demand.set(40, clock.monotonic())
    await clock.advance(10_000)
    demand.turn()
    assert.equal(demand.highWatermark, 40)
    assert.equal(demand.smoothed, 40)
    assert.deepEqual([demand.average, demand.deviation], [40, 0])
    demand.set(0, clock.monotonic())
    demand.turn()
    await clock.advance(10_000)
    demand.turn()
    assert.equal(demand.highWatermark, 0)
    demand.set(20, clock.monotonic())
    await clock.advance(5000)
    demand.set(0, clock.monotonic())
    await clock.advance(5000)
    demand.turn()
    assert.deepEqual([demand.average, demand.deviation], [10, 10])
    assert.ok(demand.smoothed > 38 && demand.smoothed < 40, String(demand.smoothed))
  })
})

test('clients are told to wait longer while that does not help, and less after', async () => {
  const clock = new VirtualClock()
  const retryAfter = new RetryAfter(clock)
  const flood = async (seconds: number, each: number) => {
    for (let second = 0; second < seconds; second++) {
      for (let count = 0; count < each; count++) retryAfter.noteRejection()
      await clock.advance(1000)
    }
  }
  await flood(1, 50)
  assert.equal(retryAfter.seconds, 1)
  await flood(3, 50)
  assert.ok(retryAfter.seconds >= 2)
  await flood(120, 50)
  assert.equal(retryAfter.seconds, 32)
  for (let round = 0; round < 40; round++) {
    await clock.advance(60_000)
    retryAfter.noteRejection()
  }
  assert.equal(retryAfter.seconds, 1)
})
