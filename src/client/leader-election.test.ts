import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultyTransport, noFaults } from '../../test/support/faulty-transport.ts'
import { seeds } from '../../test/support/seeds.ts'
import { SimulatedApi } from '../../test/support/simulated-api.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { silentLogger } from '../base/logger.ts'
import { randomInt, seededRandom } from '../base/random.ts'
import { Lease } from '../kinds/coordination/v1/lease.ts'
import { ApiClient } from './api-client.ts'
import { LeaderElector } from './leader-election.ts'

function setUp(seed: number, identities: readonly string[]) {
  const clock = new VirtualClock()
  const random = seededRandom(seed)
  const api = new SimulatedApi(clock, random)
  const leaders = new Set<string>()
  let mostLeaders = 0
  const candidates = identities.map((identity) => {
    const transport = new FaultyTransport(api, clock, random, noFaults)
    const stop = new AbortController()
    const elector = new LeaderElector({
      client: new ApiClient(transport),
      clock,
      random,
      logger: silentLogger,
      lease: { namespace: 'kube-system', name: 'manager' },
      identity,
      lead: async (signal) => {
        leaders.add(identity)
        mostLeaders = Math.max(mostLeaders, leaders.size)
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
        leaders.delete(identity)
      },
    })
    return { identity, transport, stop, elector, running: elector.run(stop.signal) }
  })
  const lease = () => api.list(Lease)[0]
  const end = async () => {
    for (const { stop, transport } of candidates) {
      transport.faults = noFaults
      stop.abort()
    }
    await clock.advance(60_000)
    await Promise.all(candidates.map(({ running }) => running))
    assert.equal(clock.pendingTimers, 0)
  }
  return { clock, random, candidates, leaders, lease, end, most: () => mostLeaders }
}

test('one of several leads, and gives the lease back when it stops', async () => {
  const { clock, candidates, leaders, lease, end } = setUp(1, ['a', 'b'])
  await clock.advance(10_000)
  const [first] = [...leaders]
  assert.equal(leaders.size, 1)
  assert.equal(lease()?.spec.holderIdentity, first)
  assert.equal(lease()?.spec.leaseDurationSeconds, 15)
  candidates.find(({ identity }) => identity === first)?.stop.abort()
  await clock.advance(6_000)
  assert.equal(leaders.size, 1)
  assert.notEqual([...leaders][0], first)
  assert.equal(lease()?.spec.leaseTransitions, 1)
  await end()
  assert.equal(lease()?.spec.holderIdentity, '')
})

test('a leader that cannot renew stops before another one begins', async () => {
  const { clock, candidates, leaders, end, most } = setUp(1, ['a', 'b'])
  await clock.advance(10_000)
  const [first] = [...leaders]
  const leader = candidates.find(({ identity }) => identity === first)
  if (leader === undefined) throw new Error('nobody leads')
  leader.transport.faults = { ...noFaults, requestErrors: 1 }
  await clock.advance(11_000)
  assert.equal(leaders.has(leader.identity), false)
  await clock.advance(20_000)
  assert.equal(leaders.size, 1)
  assert.equal(leaders.has(leader.identity), false)
  assert.equal(most(), 1)
  await end()
})

test('there are never two leaders, and while one can reach the server there is one', async () => {
  for (const seed of seeds(8)) {
    const { clock, random, candidates, leaders, end, most } = setUp(seed, ['a', 'b', 'c'])
    for (let step = 0; step < 30; step++) {
      for (const { transport } of candidates) {
        const isCut = random.next() < 0.3
        transport.faults = { ...noFaults, maxLatencyMs: 500, requestErrors: isCut ? 1 : 0.1 }
      }
      await clock.advance(randomInt(random, 30_000))
      assert.ok(most() <= 1, `seed ${seed}: ${most()} leaders at ${clock.monotonic()} ms`)
    }
    for (const { transport } of candidates) transport.faults = noFaults
    await clock.advance(60_000)
    assert.equal(leaders.size, 1, `seed ${seed}`)
    await end()
  }
})
