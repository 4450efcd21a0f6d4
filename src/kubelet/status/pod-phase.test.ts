import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import type { ContainerStatus } from '../pod-types.ts'
import { podPhase } from './pod-phase.ts'

const status = (name: string, more: object): ContainerStatus =>
  ({
    ...{ name, ready: false, restartCount: 0, image: '', imageID: '', state: {}, lastState: {} },
    ...more,
  }) as ContainerStatus
const running = (name: string, started = true) => status(name, { state: { running: {} }, started })
const ended = (name: string, exitCode: number) =>
  status(name, { state: { terminated: { exitCode } } })
const waiting = (name: string) => status(name, { state: { waiting: {} } })
const waitingAgain = (name: string, exitCode: number) =>
  status(name, { state: { waiting: {} }, lastState: { terminated: { exitCode } } })

test('phases', async (t) => {
  const named = (name: string, more: object = {}) => ({ name, image: 'busybox', ...more })
  const two = { containers: [named('a'), named('b')] }
  const init = { initContainers: [named('i')], containers: [named('a')] }
  const sidecar = {
    initContainers: [named('s', { restartPolicy: 'Always' })],
    containers: [named('a')],
  }
  const never = { restartPolicy: 'Never' }
  const onFailure = { restartPolicy: 'OnFailure' }
  const cases: readonly [string, object, readonly ContainerStatus[], string][] = [
    ['no status yet', two, [], 'Pending'],
    ['all wait', two, [waiting('a'), waiting('b')], 'Pending'],
    ['one waits', two, [running('a'), waiting('b')], 'Pending'],
    ['all run', two, [running('a'), running('b')], 'Running'],
    ['one restarts', two, [running('a'), waitingAgain('b', 1)], 'Running'],
    ['Always: all have ended', two, [ended('a', 0), ended('b', 1)], 'Running'],
    ['Never: all well', { ...two, ...never }, [ended('a', 0), ended('b', 0)], 'Succeeded'],
    ['Never: one failed', { ...two, ...never }, [ended('a', 0), ended('b', 1)], 'Failed'],
    ['Never: one runs on', { ...two, ...never }, [running('a'), ended('b', 1)], 'Running'],
    ['OnFailure: all well', { ...two, ...onFailure }, [ended('a', 0), ended('b', 0)], 'Succeeded'],
    ['OnFailure: one failed', { ...two, ...onFailure }, [ended('a', 0), ended('b', 1)], 'Running'],
    ['init runs', init, [running('i'), waiting('a')], 'Pending'],
    ['init is missing', init, [waiting('a')], 'Pending'],
    ['init done', init, [ended('i', 0), running('a')], 'Running'],
    ['init failed, again', init, [waitingAgain('i', 1), waiting('a')], 'Pending'],
    ['init failed for good', { ...init, ...never }, [ended('i', 1), waiting('a')], 'Failed'],
    ['sidecar has not started', sidecar, [running('s', false), waiting('a')], 'Pending'],
    ['sidecar has started', sidecar, [running('s'), running('a')], 'Running'],
    [
      'sidecar outlives the rest',
      { ...sidecar, ...never },
      [running('s'), ended('a', 0)],
      'Running',
    ],
    [
      'sidecar has ended too',
      { ...sidecar, ...never },
      [ended('s', 137), ended('a', 0)],
      'Succeeded',
    ],
  ]
  for (const [name, spec, statuses, phase] of cases) {
    await t.test(name, () => {
      assert.equal(podPhase(storedPod(spec), statuses, false, false), phase)
    })
  }
})

test('what will never run again has succeeded or failed, whatever its policy', () => {
  const pod = storedPod()
  assert.equal(podPhase(pod, [ended('main', 0)], true, true), 'Succeeded')
  assert.equal(podPhase(pod, [ended('main', 137)], true, true), 'Failed')
})

test('a sidecar that restarts does not make a running pod pending', () => {
  const pod = storedPod({
    initContainers: [{ name: 's', image: 'busybox', restartPolicy: 'Always' }],
  })
  const statuses = [running('s', false), running('main')]
  assert.equal(podPhase(pod, statuses, false, true), 'Running')
  assert.equal(podPhase(pod, statuses, false, false), 'Pending')
})
