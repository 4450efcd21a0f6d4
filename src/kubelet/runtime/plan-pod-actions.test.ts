import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import { runtimeContainer, runtimePod, sandbox } from '../../../test/support/runtime-pods.ts'
import { planPodActions } from './plan-pod-actions.ts'
import type { PodActions, ProbeVerdicts } from './pod-actions.ts'

const noVerdicts: ProbeVerdicts = { liveness: () => undefined, startup: () => undefined }
const named = (name: string, more: object = {}) => ({ name, image: 'busybox', ...more })
const exited = (name: string, exitCode: number, more: object = {}) =>
  runtimeContainer(name, { state: 'exited', exitCode, ...more })

/** A plan in one line: what is killed (-), started (+), and whether the sandbox goes or comes. */
function inShort(actions: PodActions): string {
  const starts = [
    ...actions.ephemeralContainersToStart,
    ...actions.initContainersToStart,
    ...actions.containersToStart,
  ]
  return [
    ...(actions.killsPod ? ['kill'] : []),
    ...(actions.createsSandbox ? [`sandbox ${actions.attempt}`] : []),
    ...actions.containersToKill.map(({ container }) => `-${container.name}`),
    ...starts.map(({ name }) => `+${name}`),
  ].join(' ')
}

test('what a pod needs', async (t) => {
  const two = { containers: [named('a'), named('b')] }
  const inits = { initContainers: [named('i'), named('j')], containers: [named('a')] }
  const sidecar = {
    initContainers: [named('i'), named('s', { restartPolicy: 'Always' })],
    containers: [named('a')],
  }
  const cases: readonly [string, object, ReturnType<typeof runtimePod>, string][] = [
    ['nothing is there', two, runtimePod([], []), 'kill sandbox 0 +a +b'],
    ['all runs', two, runtimePod([runtimeContainer('a'), runtimeContainer('b')]), ''],
    ['one is missing', two, runtimePod([runtimeContainer('a')]), '+b'],
    ['one has ended', two, runtimePod([exited('a', 1), runtimeContainer('b')]), '+a'],
    [
      'one was made but not started',
      two,
      runtimePod([runtimeContainer('a'), runtimeContainer('b', { state: 'created' })]),
      '+b',
    ],
    [
      'nobody knows',
      two,
      runtimePod([runtimeContainer('a', { state: 'unknown' }), runtimeContainer('b')]),
      '-a +a',
    ],
    [
      'another image',
      two,
      runtimePod([runtimeContainer('a', { spec: { image: 'old' } }), runtimeContainer('b')]),
      '-a +a',
    ],
    [
      'Never: failed',
      { ...two, restartPolicy: 'Never' },
      runtimePod([exited('a', 1), runtimeContainer('b')]),
      '',
    ],
    [
      'Never: all ended',
      { ...two, restartPolicy: 'Never' },
      runtimePod([exited('a', 1), exited('b', 0)]),
      'kill',
    ],
    [
      'OnFailure: one failed',
      { ...two, restartPolicy: 'OnFailure' },
      runtimePod([exited('a', 1), exited('b', 0)]),
      '+a',
    ],
    [
      'OnFailure: all well',
      { ...two, restartPolicy: 'OnFailure' },
      runtimePod([exited('a', 0), exited('b', 0)]),
      'kill',
    ],
    [
      'the sandbox has died',
      two,
      runtimePod([exited('a', 137), exited('b', 137)], [sandbox(2, { state: 'SANDBOX_NOTREADY' })]),
      'kill sandbox 3 +a +b',
    ],
    [
      'two sandboxes are ready',
      two,
      runtimePod([runtimeContainer('a')], [sandbox(1), sandbox(0)]),
      'kill sandbox 2 +a +b',
    ],
    [
      'the sandbox has no address',
      two,
      runtimePod([], [sandbox(0, { network: { ip: '', additionalIps: [] } })]),
      'kill sandbox 1 +a +b',
    ],
    [
      'Never: the sandbox has died',
      { ...two, restartPolicy: 'Never' },
      runtimePod([exited('a', 0)], [sandbox(0, { state: 'SANDBOX_NOTREADY' })]),
      'kill',
    ],
    [
      'OnFailure: a new sandbox for what failed',
      { ...two, restartPolicy: 'OnFailure' },
      runtimePod([exited('a', 0), exited('b', 1)], [sandbox(0, { state: 'SANDBOX_NOTREADY' })]),
      'kill sandbox 1 +b',
    ],
    ['init: the first', inits, runtimePod(), '+i'],
    ['init: a new sandbox begins with the first', inits, runtimePod([], []), 'kill sandbox 0 +i'],
    ['init: it runs', inits, runtimePod([runtimeContainer('i')]), ''],
    ['init: the next', inits, runtimePod([exited('i', 0)]), '+j'],
    ['init: failed', inits, runtimePod([exited('i', 1)]), '+i'],
    [
      'init: killed for memory counts as failed',
      inits,
      runtimePod([exited('i', 0, { reason: 'OOMKilled' })]),
      '+i',
    ],
    [
      'init: failed for good',
      { ...inits, restartPolicy: 'Never' },
      runtimePod([exited('i', 1)]),
      'kill',
    ],
    ['init: done', inits, runtimePod([exited('i', 0), exited('j', 0)]), '+a'],
    ['init: done, and forgotten by the runtime', inits, runtimePod([runtimeContainer('a')]), ''],
    ['sidecar: after the first', sidecar, runtimePod([exited('i', 0)]), '+s'],
    [
      'sidecar: runs, the rest may start',
      sidecar,
      runtimePod([exited('i', 0), runtimeContainer('s')]),
      '+a',
    ],
    [
      'sidecar: ended beside the rest',
      sidecar,
      runtimePod([exited('i', 0), exited('s', 0), runtimeContainer('a')]),
      '+s',
    ],
    [
      'sidecar: does not keep a pod alive',
      { ...sidecar, restartPolicy: 'Never' },
      runtimePod([exited('i', 0), runtimeContainer('s'), exited('a', 0)]),
      'kill',
    ],
    [
      'ephemeral: beside the rest',
      { ...two, ephemeralContainers: [named('e')] },
      runtimePod([runtimeContainer('a'), runtimeContainer('b')]),
      '+e',
    ],
    [
      'ephemeral: never twice',
      { ...two, ephemeralContainers: [named('e')] },
      runtimePod([runtimeContainer('a'), runtimeContainer('b'), exited('e', 0)]),
      '',
    ],
  ]
  for (const [name, spec, runtime, expected] of cases) {
    await t.test(name, () => {
      assert.equal(inShort(planPodActions(storedPod(spec), runtime, noVerdicts)), expected)
    })
  }
})

test('a container that fails its probes is restarted, or only killed', () => {
  const failing = { liveness: () => false, startup: () => undefined }
  const running = runtimePod([runtimeContainer('main')])
  const plan = (spec: object) => planPodActions(storedPod(spec), running, failing)
  const [kill] = plan({}).containersToKill
  assert.equal(kill?.message, 'Container main failed liveness probe, will be restarted')
  assert.equal(kill?.reason, 'livenessProbe')
  const never = plan({ restartPolicy: 'Never' })
  assert.equal(never.killsPod, true, 'nothing is left to keep')
})

test('a sidecar with a startup probe holds the rest back until it has started', () => {
  const probe = { tcpSocket: { port: 1 } }
  const pod = storedPod({
    initContainers: [named('s', { restartPolicy: 'Always', startupProbe: probe })],
    containers: [named('a')],
  })
  const running = runtimePod([runtimeContainer('s')])
  const plan = (startup: boolean | undefined) =>
    inShort(planPodActions(pod, running, { liveness: () => undefined, startup: () => startup }))
  assert.equal(plan(undefined), '')
  assert.equal(plan(true), '+a')
  assert.equal(plan(false), '-s +s')
})

test('rules of a container decide by its exit code', () => {
  const restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }]
  const spec = {
    restartPolicy: 'Never',
    containers: [named('main', { restartPolicy: 'Never', restartPolicyRules }), named('other')],
  }
  const plan = (exitCode: number) =>
    inShort(
      planPodActions(
        storedPod(spec),
        runtimePod([exited('main', exitCode), runtimeContainer('other')]),
        noVerdicts,
      ),
    )
  assert.equal(plan(42), '+main')
  assert.equal(plan(1), '')
})

test('a deleted pod starts nothing', () => {
  const pod = storedPod({}, { deletionTimestamp: '2030-01-01T00:00:00Z' })
  assert.equal(inShort(planPodActions(pod, runtimePod([exited('main', 1)]), noVerdicts)), 'kill')
})
