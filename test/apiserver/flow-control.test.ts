import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Registry } from 'prom-client'
import { addFlowControlMetrics } from '../../src/apiserver/flow-control/flow-control-metrics.ts'
import type { WatchResponse } from '../../src/apiserver/response.ts'
import { waitingMsOf } from '../../src/apiserver/waiting-times.ts'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { FlowSchema } from '../../src/kinds/flowcontrol/v1/flow-schema.ts'
import { PriorityLevelConfiguration } from '../../src/kinds/flowcontrol/v1/priority-level-configuration.ts'
import { flowControlled, user, wireRequest } from '../support/flow-controlled.ts'
import { settle } from '../support/virtual-clock.ts'

const PODS = '/api/v1/namespaces/default/pods'
async function shows(registry: Registry, lines: readonly string[]): Promise<void> {
  const text = await registry.metrics()
  for (const line of lines) assert.ok(text.includes(`${line}\n`), `${line}\nin\n${text}`)
}

describe('priority and fairness', () => {
  test('a flood of one user delays that user, not the system and not other users', async () => {
    const { clock, send, flowControl, close } = await flowControlled()
    const attacker = user('attacker')
    const flood = Array.from({ length: 3000 }, () => send(attacker, 'GET', `${PODS}/a`, 100))
    await clock.advance(5)
    const innocent = [
      ...Array.from({ length: 50 }, () =>
        send(user('system:node:a', 'system:nodes'), 'PATCH', '/api/v1/nodes/a/status'),
      ),
      send(user('system:kube-scheduler'), 'POST', `${PODS}/b/binding`),
      send(user('system:serviceaccount:kube-system:job-controller'), 'POST', PODS),
      send(user('root', 'system:masters'), 'DELETE', `${PODS}/c`),
      send(user('alice'), 'GET', '/healthz'),
    ]
    const bob = Array.from({ length: 10 }, () => send(user('bob'), 'GET', `${PODS}/b`))
    await clock.advance(60_000)
    for (const { code, ms } of await Promise.all(innocent)) {
      assert.deepEqual({ code, ms }, { code: 200, ms: 10 })
    }
    for (const { code, ms, request } of await Promise.all(bob)) {
      assert.equal(code, 200)
      assert.equal(waitingMsOf(request), ms - 10, 'what it waited is not its own time')
      assert.ok(ms <= 310, `another user of the same level waited ${ms} ms`)
    }
    const outcomes = await Promise.all(flood)
    const rejected = outcomes.filter(({ code }) => code === 429)
    const served = outcomes.filter(({ code }) => code === 200)
    // Its seats, and the six queues of its hand.
    const seats = flowControl.levels.get('global-default')?.nominalSeats ?? 0
    assert.ok(served.length >= 300 && served.length <= 300 + 2 * seats, String(served.length))
    assert.equal(rejected.length, 3000 - served.length)
    assert.ok(rejected.every(({ retryAfter }) => retryAfter === 1))
    await close()
  })

  test('answers name the schema and the level', async () => {
    const { clock, send, client, close } = await flowControlled()
    const answer = send(user('system:kube-scheduler'), 'GET', PODS)
    await clock.advance(20)
    const schema = await client.get(FlowSchema, { name: 'kube-scheduler' })
    const level = await client.get(PriorityLevelConfiguration, { name: 'workload-high' })
    assert.deepEqual((await answer).request.responseHeaders, {
      'x-kubernetes-pf-flowschema-uid': schema.metadata.uid,
      'x-kubernetes-pf-prioritylevel-uid': level.metadata.uid,
    })
    await close()
  })

  test('what waits for too long is sent away', async () => {
    const { clock, client, send, flowControl, close } = await flowControlled()
    const queuing = { queues: 1, handSize: 1, queueLengthLimit: 10 }
    const limitResponse = { type: 'Queue', queuing }
    const limited = { nominalConcurrencyShares: 1, borrowingLimitPercent: 0, limitResponse }
    await client.create(PriorityLevelConfiguration, {
      metadata: { name: 'tight' },
      spec: { type: 'Limited', limited },
    })
    const type = 'application/merge-patch+json'
    const patch = {
      metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
      spec: { priorityLevelConfiguration: { name: 'tight' } },
    }
    await client.patch(FlowSchema, { name: 'global-default' }, type, patch)
    const alice = user('alice')
    const { nominalSeats = 0, queueSet } = flowControl.levels.get('tight') ?? {}
    const slow = Array.from({ length: nominalSeats }, () => send(alice, 'GET', `${PODS}/a`, 50_000))
    const waiting = [1, 2].map(() => send(alice, 'GET', `${PODS}/a`))
    await clock.advance(14_000)
    assert.equal(queueSet?.waiting, 2)
    const registry = new Registry()
    addFlowControlMetrics(registry, flowControl)
    const flow = 'flow_schema="global-default",priority_level="tight"'
    const tight = 'priority_level="tight"'
    const name = 'apiserver_flowcontrol'
    await shows(registry, [
      `${name}_current_inqueue_requests{${flow}} 2`,
      `${name}_current_inqueue_seats{${flow}} 2`,
      `${name}_request_queue_length_after_enqueue_sum{${flow}} 3`,
      `${name}_work_estimated_seats_sum{${flow}} ${nominalSeats + 2}`,
      `${name}_current_executing_requests{${flow}} ${nominalSeats}`,
      `${name}_current_executing_seats{${flow}} ${nominalSeats}`,
      `${name}_dispatched_requests_total{${flow}} ${nominalSeats + 2}`,
      // Full for 14 seconds, with two of the ten that may wait; looked at each nanosecond.
      `${name}_priority_level_seat_utilization_sum{phase="executing",${tight}} ${14e9}`,
      `${name}_priority_level_seat_utilization_bucket{le="0.99",phase="executing",${tight}} 0`,
      `${name}_priority_level_seat_utilization_bucket{le="1",phase="executing",${tight}} ${14e9}`,
      `${name}_priority_level_request_utilization_sum{phase="executing",${tight}} ${14e9}`,
      `${name}_priority_level_request_utilization_sum{phase="waiting",${tight}} ${2.8e9}`,
      `${name}_demand_seats_count{${tight}} ${14e9}`,
      `${name}_demand_seats_bucket{le="1.4",${tight}} 0`,
      `${name}_demand_seats_bucket{le="1.7",${tight}} ${14e9}`,
      `${name}_read_vs_write_current_requests_bucket{le="0",phase="waiting",request_kind="mutating"} ${14e9}`,
      `${name}_read_vs_write_current_requests_bucket{le="0",phase="waiting",request_kind="readOnly"} 0`,
    ])
    const late = send(alice, 'GET', `${PODS}/a`)
    await clock.advance(2000)
    for (const { code, ms } of await Promise.all(waiting)) {
      assert.deepEqual({ code, ms }, { code: 429, ms: 15_000 })
    }
    assert.equal(queueSet?.waiting, 1)
    await clock.advance(60_000)
    assert.equal((await late).code, 429)
    await Promise.all(slow)
    assert.equal(queueSet?.isIdle, true)
    const waits = `${name}_request_wait_duration_seconds`
    await shows(registry, [
      `${name}_current_executing_requests{${flow}} 0`,
      `${name}_current_inqueue_seats{${flow}} 0`,
      `${name}_request_execution_seconds_sum{${flow},type="regular"} ${nominalSeats * 50}`,
      `${name}_dispatched_requests_total{${flow}} ${nominalSeats}`,
      `${name}_rejected_requests_total{${flow},reason="time-out"} 3`,
      `${waits}_bucket{le="0",execute="true",${flow}} ${nominalSeats}`,
      `${waits}_bucket{le="10",execute="false",${flow}} 0`,
      `${waits}_bucket{le="15",execute="false",${flow}} 3`,
      `${waits}_sum{execute="false",${flow}} 45`,
    ])
    await close()
    assert.equal(clock.pendingTimers, 0)
  })

  test('a level answers no more in one turn than it has seats, however quick that is', async () => {
    const { filter, flowControl, close } = await flowControlled()
    const level = flowControl.levels.get('global-default')
    assert.ok(level)
    level.resize(2)
    let answered = 0
    const answer = () => {
      answered++
      return { type: 'plain' } as never
    }
    const anybody = () => wireRequest(user('alice'), 'GET', `${PODS}/a`)
    const all = Array.from({ length: 7 }, async () => filter(anybody(), answer))
    const counts = [answered]
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      counts.push(answered)
    }
    assert.deepEqual(counts, [2, 4, 6, 7])
    await Promise.all(all)
    await close()
    assert.equal(level.queueSet.isIdle, true)
  })

  test('a condition that somebody else writes otherwise is written a few times, then later', async () => {
    const { clock, client, close } = await flowControlled()
    let writes = 0
    for (let second = 0; second < 60; second++) {
      const found = await client.get(FlowSchema, { name: 'probes' })
      const [condition] = found.status.conditions ?? []
      if (condition?.status === 'False') {
        writes++
        const other = { ...condition, status: 'True' }
        await client.updateStatus(FlowSchema, {
          ...found,
          status: { conditions: [other] },
        } as never)
      }
      await clock.advance(1000)
    }
    assert.ok(writes >= 6 && writes <= 8, String(writes))
    await clock.advance(90_000)
    const { status } = await client.get(FlowSchema, { name: 'probes' })
    assert.equal(status.conditions?.[0]?.status, 'False', 'in the end it is right')
    await close()
  })

  test('a busy level borrows what others do not use, and gives it back', async () => {
    const { clock, send, flowControl, close } = await flowControlled()
    const level = flowControl.levels.get('global-default')
    assert.ok(level)
    const before = level.currentSeats
    let isOver = false
    const keepBusy = async () => {
      while (!isOver) await send(user('alice'), 'GET', `${PODS}/a`, 50)
    }
    const clients = Array.from({ length: 200 }, keepBusy)
    await clock.advance(25_000)
    assert.ok(level.currentSeats > 2 * before, `${before} seats became ${level.currentSeats}`)
    assert.ok(level.currentSeats <= level.maxSeats)
    assert.ok(level.targetSeats >= 150, `${level.targetSeats} seats are the target`)
    const all = [...flowControl.levels.values()]
    for (const one of all) assert.ok(one.currentSeats >= one.minSeats, one.name)
    const sum = all.reduce((total, { currentSeats }) => total + currentSeats, 0)
    assert.ok(sum <= 600 + all.length, `${sum} seats are given`)
    isOver = true
    await clock.advance(1000)
    await Promise.all(clients)
    assert.equal(level.queueSet.isIdle, true)
    await close()
  })

  test('watches hold no seat once they have begun; exec and the like hold none', async () => {
    const { clock, send, flowControl, inFlight, close } = await flowControlled()
    const level = flowControl.levels.get('global-default')
    const watch = send(user('alice'), 'GET', '/api/v1/pods?watch=true', 100)
    const exec = send(user('alice'), 'POST', `${PODS}/a/exec`, 60_000)
    await clock.advance(50)
    assert.equal(level?.queueSet.executing, 1)
    assert.deepEqual(inFlight, { readOnly: 1, mutating: 0 })
    await clock.advance(100)
    await watch
    await settle()
    assert.equal(level?.queueSet.executing, 0)
    await clock.advance(60_000)
    await exec
    await close()
  })
})

describe('a watch with much to begin with', () => {
  async function watching() {
    const { clock, flowControl, server, client, filter, close } = await flowControlled()
    const level = flowControl.levels.get('global-default')
    for (let at = 0; at < 300; at++) {
      await client.create(ConfigMap, {
        metadata: { name: `c${at}`, namespace: 'default' },
      } as never)
    }
    const request = wireRequest(user('alice'), 'GET', '/api/v1/configmaps?watch=true')
    const answer = await filter(request, (one) => server.handle(one))
    assert.equal(answer.type, 'watch')
    const batches = (answer as WatchResponse).batches[Symbol.asyncIterator]()
    const seats = () => level?.queueSet.executing
    return { clock, batches, seats, close }
  }

  test('holds its seats until all of it has been taken', async () => {
    const { batches, seats, close } = await watching()
    assert.equal(seats(), 1)
    const { value: first } = await batches.next()
    assert.ok(first.length < 300)
    assert.equal(seats(), 1)
    await batches.next()
    assert.equal(seats(), 0)
    await batches.return?.()
    await close()
  })

  test('gives them back when it ends, and when its client takes too long', async () => {
    const { batches, seats, close } = await watching()
    await batches.return?.()
    assert.equal(seats(), 0)
    await close()
    const other = await watching()
    await other.clock.advance(59_000)
    assert.equal(other.seats(), 1)
    await other.clock.advance(2000)
    assert.equal(other.seats(), 0)
    await other.batches.return?.()
    assert.equal(other.seats(), 0)
    await other.close()
  })
})

describe('the configuration', () => {
  test('is made at the start; what is mandatory comes back, what is suggested may be changed', async () => {
    const { clock, client, close } = await flowControlled()
    const levels = (await client.list(PriorityLevelConfiguration)).items
    assert.deepEqual(levels.map(({ metadata }) => metadata.name).toSorted(), [
      'catch-all',
      'exempt',
      'global-default',
      'leader-election',
      'node-high',
      'system',
      'workload-high',
      'workload-low',
    ])
    assert.equal((await client.list(FlowSchema)).items.length, 11)
    const change = async (name: string, shares: number, autoUpdate: string, of = 'limited') => {
      const annotations = { 'apf.kubernetes.io/autoupdate-spec': autoUpdate }
      const spec = { [of]: { nominalConcurrencyShares: shares } }
      const patch = { metadata: { annotations }, spec }
      const type = 'application/merge-patch+json'
      await client.patch(PriorityLevelConfiguration, { name }, type, patch)
    }
    await change('catch-all', 5, 'false')
    await change('system', 50, 'false')
    await change('exempt', 11, 'true', 'exempt')
    await change('workload-low', 7, 'true')
    await client.delete(FlowSchema, { name: 'exempt' })
    await clock.advance(61_000)
    const sharesOf = async (name: string) => {
      const { spec } = await client.get(PriorityLevelConfiguration, { name })
      return (spec.limited ?? spec.exempt)?.nominalConcurrencyShares
    }
    const name = 'catch-all'
    const { metadata } = await client.get(PriorityLevelConfiguration, { name })
    assert.equal(metadata.annotations?.['apf.kubernetes.io/autoupdate-spec'], 'true')
    assert.equal(await sharesOf('system'), 50)
    assert.equal(await sharesOf('exempt'), 11)
    assert.equal(await sharesOf('workload-low'), 100)
    assert.equal((await client.get(FlowSchema, { name: 'exempt' })).spec.matchingPrecedence, 1)
    await close()
    assert.equal(clock.pendingTimers, 0)
  })

  test('is followed: a new level and schema take requests, and a missing level is told', async () => {
    const { clock, client, flowControl, close } = await flowControlled()
    await client.create(PriorityLevelConfiguration, {
      metadata: { name: 'mine' },
      spec: {
        type: 'Limited',
        limited: { nominalConcurrencyShares: 10, limitResponse: { type: 'Reject' } },
      },
    })
    const rules = [
      {
        subjects: [{ kind: 'User', user: { name: 'alice' } }],
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }],
      },
    ]
    const schemaFor = (name: string, level: string) =>
      client.create(FlowSchema, {
        metadata: { name },
        spec: {
          priorityLevelConfiguration: { name: level },
          matchingPrecedence: name === 'dangling' ? 10 : 20,
          rules,
        },
      })
    await schemaFor('dangling', 'nowhere')
    await schemaFor('mine', 'mine')
    const { info } = wireRequest(user('alice'), 'GET', PODS)
    assert.equal(flowControl.classify(user('alice'), info).schema.metadata.name, 'mine')
    await clock.advance(500)
    const conditionOf = async (name: string) =>
      (await client.get(FlowSchema, { name })).status.conditions?.[0]
    assert.equal((await conditionOf('dangling'))?.status, 'True')
    assert.equal((await conditionOf('mine'))?.reason, 'Found')
    await client.delete(PriorityLevelConfiguration, { name: 'mine' })
    assert.equal(flowControl.classify(user('alice'), info).schema.metadata.name, 'global-default')
    assert.equal(flowControl.levels.has('mine'), false)
    await clock.advance(500)
    assert.equal((await conditionOf('mine'))?.status, 'True')
    await close()
    assert.equal(clock.pendingTimers, 0)
  })
})
