import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { BURST_REPLICAS, inDeletionOrder, planReplicas } from './plan-replicas.ts'

const NOW = Date.UTC(2030, 0, 1)
const ago = (seconds: number) => `${new Date(NOW - seconds * 1000).toISOString().slice(0, 19)}Z`

interface Facts {
  readonly nodeName?: string
  readonly phase?: string
  readonly readyFor?: number
  readonly cost?: string
  readonly restarts?: number
  readonly age?: number
}

function pod(name: string, facts: Facts = {}): Pod {
  const { nodeName = 'node', phase = 'Running', readyFor, cost, restarts = 0, age = 1000 } = facts
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: ago(age),
      annotations: cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost },
    },
    spec: { nodeName, containers: [] },
    status: {
      phase,
      conditions:
        readyFor === undefined
          ? []
          : [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor) }],
      containerStatuses: [{ restartCount: restarts }],
    },
  } as unknown as Pod
}

const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name)

test('as many pods are made or taken as are missing or too many, up to a burst', () => {
  const three = ['a', 'b', 'c'].map((name) => pod(name))
  const plan = (wanted: number, pods = three) => planReplicas(wanted, pods, () => [], NOW)
  assert.deepEqual(plan(3), { create: 0, remove: [] })
  assert.equal(plan(5).create, 2)
  assert.equal(plan(1).remove.length, 2)
  assert.equal(plan(0).remove.length, 3)
  assert.equal(plan(10_000).create, BURST_REPLICAS)
  const many = Array.from({ length: 700 }, (_, index) => pod(`${index}`))
  assert.equal(plan(0, many).remove.length, BURST_REPLICAS)
})

test('the first difference in order of weight decides which of two pods goes', () => {
  const table: readonly [why: string, first: Facts, second: Facts][] = [
    ['unassigned', { nodeName: '', readyFor: 900 }, { phase: 'Pending' }],
    ['pending', { phase: 'Pending' }, { phase: 'Unknown' }],
    ['unknown', { phase: 'Unknown' }, {}],
    ['not ready', { cost: '100' }, { readyFor: 1, cost: '-100' }],
    ['cheap', { readyFor: 900, cost: '-5' }, { readyFor: 1 }],
    ['a wrong cost counts as none', { readyFor: 1, cost: '007' }, { readyFor: 900, cost: '1' }],
    ['ready for a shorter time', { readyFor: 10 }, { readyFor: 900, restarts: 5 }],
    ['more restarts', { restarts: 3, age: 9000 }, { restarts: 2, age: 10 }],
    ['younger', { age: 10 }, { age: 9000 }],
  ]
  for (const [why, first, second] of table) {
    const pods = [pod('second', second), pod('first', first)]
    assert.deepEqual(names(inDeletionOrder(pods, [], NOW)), ['first', 'second'], why)
  }
})

test('of pods that crowd a node one goes first', () => {
  const crowded = ['a', 'b'].map((name) => pod(name, { nodeName: 'full', readyFor: 900 }))
  const alone = pod('c', { nodeName: 'free', readyFor: 10 })
  const order = inDeletionOrder([alone, ...crowded], [alone, ...crowded], NOW)
  assert.equal(names(order).at(-1), 'c')
})

test('ages of one order of magnitude are alike: then the uid decides', () => {
  const order = inDeletionOrder([pod('b', { age: 1000 }), pod('a', { age: 1010 })], [], NOW)
  assert.deepEqual(names(order), ['a', 'b'])
})
