import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment } from '../../kinds/apps/v1/deployment.ts'
import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { isSameTemplate, templateHash } from '../runtime/template-hash.ts'
import { lastRevision, maxRevision, newReplicaSetAnnotations } from './annotations.ts'
import { maxSurge, maxUnavailable } from './fenceposts.ts'
import { newReplicaSetSize, planNewReplicaSet, planOldReplicaSets } from './plan-rolling-update.ts'
import { isScalingEvent, planScale, type Resize } from './plan-scale.ts'

type Value = number | string

function deployment(replicas: number, surge: Value = 0, unavailable: Value = 0): Deployment {
  const rollingUpdate = { maxSurge: surge, maxUnavailable: unavailable }
  return {
    metadata: { name: 'web' },
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate } },
    status: {},
  } as Deployment
}

let created = 0
function replicaSet(replicas: number, available = replicas, max?: number): ReplicaSet {
  const creationTimestamp = `2030-01-01T00:00:${String(created++ % 60).padStart(2, '0')}Z`
  const annotations = max === undefined ? {} : { 'deployment.kubernetes.io/max-replicas': `${max}` }
  return {
    metadata: { name: `rs-${created}`, uid: `${created}`, creationTimestamp, annotations },
    spec: { replicas },
    status: { replicas, availableReplicas: available },
  } as unknown as ReplicaSet
}

const sizes = (plan: readonly Resize[]) => plan.map(({ replicas }) => replicas)

test('percentages round up for the surge and down for what may be missing', () => {
  const table: readonly [number, Value, Value, number, number][] = [
    [10, '25%', '25%', 3, 2],
    [1, '25%', '25%', 1, 0],
    [10, 0, 0, 0, 1],
    [10, 3, 0, 3, 0],
    [2, 0, 5, 0, 2],
    [0, '25%', '25%', 0, 0],
  ]
  for (const [replicas, surge, unavailable, expectedSurge, expectedUnavailable] of table) {
    const subject = deployment(replicas, surge, unavailable)
    const given = `${replicas} ${surge} ${unavailable}`
    assert.equal(maxSurge(subject), expectedSurge, given)
    assert.equal(maxUnavailable(subject), expectedUnavailable, given)
  }
})

test('the newest replica set grows as far as the surge allows', () => {
  const table: readonly [
    wanted: number,
    surge: Value,
    old: number,
    present: number,
    size: number,
  ][] = [
    [10, 3, 10, 0, 3],
    [10, 3, 8, 3, 5],
    [10, 0, 10, 0, 0],
    [10, 2, 0, 5, 10],
    [10, 5, 20, 5, 5],
  ]
  for (const [wanted, surge, old, present, size] of table) {
    const newest = replicaSet(present)
    const all = [replicaSet(old), newest]
    assert.equal(newReplicaSetSize(deployment(wanted, surge, 1), all, present), size)
  }
  assert.deepEqual(sizes(planNewReplicaSet(deployment(2, 1, 0), replicaSet(5), [])), [2])
  assert.deepEqual(sizes(planNewReplicaSet(deployment(2, 1, 0), replicaSet(2), [])), [])
})

test('old replica sets shrink only as far as enough pods stay available', () => {
  type Row = {
    readonly given: readonly [wanted: number, surge: number, unavailable: number]
    readonly newest: readonly [replicas: number, available: number]
    readonly old: readonly (readonly [replicas: number, available: number])[]
    readonly sizes: readonly number[]
  }
  const table: readonly Row[] = [
    // The first step down: what may be missing.
    { given: [10, 3, 2], newest: [3, 0], old: [[10, 10]], sizes: [8] },
    // New pods that never become available hold the old ones.
    { given: [10, 3, 2], newest: [5, 0], old: [[8, 8]], sizes: [] },
    { given: [10, 3, 2], newest: [5, 0], old: [[8, 7]], sizes: [] },
    // What is broken anyway goes first, and costs nothing.
    { given: [10, 3, 2], newest: [9, 9], old: [[4, 0]], sizes: [0] },
    { given: [10, 0, 2], newest: [4, 2], old: [[6, 6]], sizes: [] },
    // Several old ones: the oldest first.
    {
      given: [4, 2, 1],
      newest: [2, 2],
      old: [
        [2, 2],
        [2, 2],
      ],
      sizes: [0, 1],
    },
    // Nothing may be missing: only what the surge has brought goes.
    { given: [4, 1, 0], newest: [1, 1], old: [[4, 4]], sizes: [3] },
    { given: [4, 1, 0], newest: [1, 0], old: [[4, 4]], sizes: [] },
    { given: [4, 1, 0], newest: [4, 4], old: [[0, 0]], sizes: [] },
  ]
  for (const [index, row] of table.entries()) {
    const old = row.old.map(([replicas, available]) => replicaSet(replicas, available))
    const plan = planOldReplicaSets(deployment(...row.given), replicaSet(...row.newest), old)
    assert.deepEqual(sizes(plan), row.sizes, `row ${index}`)
  }
})

test('a scaling keeps the proportions of a rollout, and its rest goes to the largest', () => {
  type Row = {
    readonly to: number
    readonly newest: number
    readonly old: readonly number[]
    readonly max: number
    readonly expected: readonly number[]
  }
  const table: readonly Row[] = [
    { to: 20, newest: 5, old: [5], max: 10, expected: [10, 10] },
    { to: 12, newest: 2, old: [8], max: 10, expected: [10, 2] },
    { to: 5, newest: 5, old: [5], max: 10, expected: [2, 3] },
    { to: 0, newest: 5, old: [5], max: 10, expected: [0, 0] },
    { to: 10, newest: 5, old: [5], max: 10, expected: [5, 5] },
  ]
  for (const [index, { to, newest, old, max, expected }] of table.entries()) {
    const sets = old.map((replicas) => replicaSet(replicas, 0, max))
    const plan = planScale(deployment(to, 0, 1), replicaSet(newest, 0, max), sets)
    assert.deepEqual(sizes(plan), expected, `row ${index}`)
    assert.ok(plan.every(({ isForced }) => isForced))
  }
})

test('one replica set alone takes the whole size, and a full one empties the others', () => {
  assert.deepEqual(sizes(planScale(deployment(7), replicaSet(3), [replicaSet(0)])), [7])
  assert.deepEqual(sizes(planScale(deployment(7), undefined, [replicaSet(0), replicaSet(0)])), [7])
  const full = replicaSet(7)
  const annotations = { 'deployment.kubernetes.io/desired-replicas': '7' }
  const saturated = { ...full, metadata: { ...full.metadata, annotations } }
  assert.deepEqual(sizes(planScale(deployment(7), saturated, [replicaSet(2)])), [0])
  assert.equal(isScalingEvent(deployment(8), [saturated]), true)
  assert.equal(isScalingEvent(deployment(7), [saturated]), false)
})

test('revisions have all 64 bits', () => {
  const of = (revision: string) => {
    const annotations = { 'deployment.kubernetes.io/revision': revision }
    const metadata = { name: 'a', namespace: 'default', annotations }
    return { metadata } as unknown as ReplicaSet
  }
  const large = [of('3546343826724305832'), of('7'), of('9223372036854775808'), of('x')]
  assert.equal(maxRevision(large) + 1n, 3546343826724305833n)
  assert.equal(lastRevision(large), 7n)
  assert.equal(maxRevision([]), 0n)
})

test('a revision that is raised again leaves the old one in the history', () => {
  const owner = {
    metadata: {
      annotations: {
        note: 'x',
        'deployment.kubernetes.io/revision': '3',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    },
  } as unknown as Deployment
  const revision = 'deployment.kubernetes.io/revision'
  const history = 'deployment.kubernetes.io/revision-history'
  assert.deepEqual(newReplicaSetAnnotations(owner, {}, 1n), { note: 'x', [revision]: '1' })
  assert.deepEqual(newReplicaSetAnnotations(owner, { [revision]: '1', [history]: '5' }, 4n), {
    note: 'x',
    [revision]: '4',
    [history]: '5,1',
  })
  assert.deepEqual(newReplicaSetAnnotations(owner, { [revision]: '9' }, 4n), {
    note: 'x',
    [revision]: '9',
  })
  const long = Array.from({ length: 600 }, (_, index) => `${index + 1000}`).join(',')
  const kept = newReplicaSetAnnotations(owner, { [revision]: '7', [history]: long }, 8n)[history]
  assert.ok((kept ?? '').length <= 2000)
  assert.ok(kept?.endsWith(',1599,7'))
})

test('a template has one hash whatever the order of its keys, another for each collision', () => {
  const spec = { containers: [{ name: 'a', image: 'b' }] }
  const template = (labels: object, rest: object = {}) =>
    ({
      metadata: { labels },
      spec: { ...spec, ...rest },
    }) as unknown as Deployment['spec']['template']
  const one = template({ a: '1', b: '2' })
  const same = template({ b: '2', a: '1' })
  assert.equal(templateHash(one, undefined), templateHash(same, undefined))
  assert.match(templateHash(one, undefined), /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
  assert.notEqual(templateHash(one, 1), templateHash(one, 2))
  assert.ok(isSameTemplate(one, template({ a: '1', b: '2', 'pod-template-hash': 'x' })))
  assert.ok(isSameTemplate(one, template({ a: '1', b: '2' }, { volumes: [] })))
  assert.ok(!isSameTemplate(one, template({ a: '1' })))
  assert.ok(!isSameTemplate(one, template({ a: '1', b: '2' }, { securityContext: {} })))
})
