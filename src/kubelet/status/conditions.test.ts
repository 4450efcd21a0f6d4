import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import type { ContainerStatus } from '../pod-types.ts'
import { ownedConditions, withTransitionTimes } from './conditions.ts'

const status = (name: string, ready: boolean, state: object = { running: {} }): ContainerStatus =>
  ({
    name,
    ready,
    restartCount: 0,
    image: '',
    imageID: '',
    state,
    lastState: {},
  }) as ContainerStatus

function conditionsOf(spec: object, input: object) {
  const all = ownedConditions({
    pod: storedPod(spec),
    phase: 'Running',
    statuses: [],
    hasSandbox: true,
    foreign: [],
    ...input,
  })
  return new Map(all.map((one) => [one.type, one]))
}

test('readiness says what is not ready, in upstream words', () => {
  const two = { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }
  const conditions = conditionsOf(two, { statuses: [status('a', true), status('b', false)] })
  for (const type of ['Ready', 'ContainersReady']) {
    const condition = conditions.get(type)
    assert.equal(condition?.status, 'False')
    assert.equal(condition?.reason, 'ContainersNotReady')
    assert.equal(
      condition?.message,
      'containers with unknown status: [c], containers with unready status: [b]',
    )
  }
})

test('readiness gates hold back Ready, not ContainersReady', () => {
  const spec = { readinessGates: [{ conditionType: 'example.com/fed' }] }
  const ready = (foreign: object[]) =>
    conditionsOf(spec, { statuses: [status('main', true)], foreign })
  const none = ready([])
  assert.equal(none.get('ContainersReady')?.status, 'True')
  assert.equal(none.get('Ready')?.reason, 'ReadinessGatesNotReady')
  assert.equal(
    none.get('Ready')?.message,
    'corresponding condition of pod readiness gate "example.com/fed" does not exist.',
  )
  const unfed = ready([{ type: 'example.com/fed', status: 'False' }])
  assert.equal(
    unfed.get('Ready')?.message,
    'the status of pod readiness gate "example.com/fed" is not "True", but False',
  )
  assert.equal(ready([{ type: 'example.com/fed', status: 'True' }]).get('Ready')?.status, 'True')
})

test('a pod that has ended is not ready, and says how it ended', () => {
  const ended = [status('main', false, { terminated: { exitCode: 0 } })]
  const done = conditionsOf({}, { phase: 'Succeeded', statuses: ended })
  assert.equal(done.get('Ready')?.reason, 'PodCompleted')
  assert.equal(done.get('Initialized')?.reason, 'PodCompleted')
  const failed = conditionsOf({}, { phase: 'Failed', statuses: ended })
  assert.equal(failed.get('ContainersReady')?.reason, 'PodFailed')
})

test('initialization counts what has not been completed', () => {
  const spec = { initContainers: [{ name: 'i' }, { name: 'j' }] }
  const waiting = status('main', false, { waiting: {} })
  const of = (statuses: ContainerStatus[]) => conditionsOf(spec, { statuses }).get('Initialized')
  assert.equal(
    of([status('i', true, {}), status('j', false, {}), waiting])?.message,
    'containers with incomplete status: [j]',
  )
  assert.equal(of([status('i', true, {}), status('j', true, {}), waiting])?.status, 'True')
  const started = status('main', false)
  assert.equal(
    of([status('i', false, {}), started])?.status,
    'True',
    'it has been initialized once',
  )
})

test('a condition keeps its time while its status stays', () => {
  const condition = (more: object) => ({ type: 'Ready', status: 'True', ...more }) as const
  const old = [condition({ lastTransitionTime: 'then' })]
  const [same] = withTransitionTimes([condition({ reason: 'new' })], old, 'now')
  assert.equal(same?.lastTransitionTime, 'then')
  const [changed] = withTransitionTimes([condition({ status: 'False' })], old, 'now')
  assert.equal(changed?.lastTransitionTime, 'now')
})
