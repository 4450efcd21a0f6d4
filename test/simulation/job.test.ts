import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime } from '../../src/base/clock.ts'
import { randomInt } from '../../src/base/random.ts'
import { JobController } from '../../src/controllers/job/job-controller.ts'
import { completionIndex, isTracked } from '../../src/controllers/job/job-pod.ts'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { isPodActive } from '../../src/controllers/runtime/pods.ts'
import { Job } from '../../src/kinds/batch/v1/job.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const definitions = [
  {
    name: 'job-controller',
    serviceAccount: 'job-controller',
    create: (context: ControllerContext) => new JobController(context),
  },
]

const MAX_RUN_MS = 20_000

/** Which exit code a pod has; `attempt` counts the pods that ended before it. */
type Exit = (pod: Pod, attempt: number) => number

async function setUp(seed: number, spec: object, exit: Exit = () => 0) {
  const simulation = new ControllerSimulation(seed)
  const { client, api, clock, random } = simulation
  const labels = { 'job-name': 'work' }
  await client.create(Job, {
    metadata: { name: 'work', namespace: 'default' },
    spec: {
      manualSelector: true,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'work:1' }] },
      },
      ...spec,
    },
  } as never)
  const pods = new Map<string, Pod>()
  let attempts = 0
  // A pod that runs ends by itself after a while.
  api.store.onCommit(({ resource, object }) => {
    if (resource !== '/pods') return
    const pod = object as Pod
    const { uid } = pod.metadata
    const known = pods.get(uid)
    pods.set(uid, pod)
    if (pod.status.phase !== 'Running' || known?.status.phase === 'Running') return
    clock.after(randomInt(random, MAX_RUN_MS), () => {
      const now = api.list(Pod).find(({ metadata }) => metadata.uid === uid)
      if (now === undefined || !isPodActive(now)) return
      const exitCode = exit(now, attempts++)
      const finishedAt = formatTime(clock.now())
      const terminated = { exitCode, finishedAt }
      const containerStatuses = [{ name: 'work', restartCount: 0, state: { terminated } }]
      const phase = exitCode === 0 ? 'Succeeded' : 'Failed'
      const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: finishedAt }]
      const status = { ...now.status, phase, containerStatuses, conditions }
      api.change(Pod, now, { ...now, status } as unknown as Pod)
    })
  })
  const job = () => {
    const [found] = api.list(Job)
    if (found === undefined) throw new Error('no job')
    return found
  }
  const conditions = () =>
    (job().status.conditions ?? [])
      .filter(({ status }) => status === 'True')
      .map(({ type, reason }) => `${type} ${reason}`)
  const change = (fields: object) => {
    const { spec: old } = job()
    return client.update(Job, { ...job(), spec: { ...old, ...fields } })
  }
  const active = () => api.list(Pod).filter(isPodActive)
  return { simulation, pods, job, conditions, change, active, api, client, clock, random }
}

function checkEnd({ api, job }: Awaited<ReturnType<typeof setUp>>, text: string): void {
  assert.deepEqual(api.list(Pod).filter(isTracked), [], `${text}: pods are not counted`)
  const { uncountedTerminatedPods, active, terminating, ready } = job().status
  assert.deepEqual([uncountedTerminatedPods, active, terminating, ready], [{}, undefined, 0, 0])
}

test('a Job runs until enough pods have succeeded, and counts each once', async () => {
  for (const seed of seeds(6)) {
    const spec = { completions: 8, parallelism: 3, backoffLimit: 100 }
    const fails: Exit = (_, attempt) => Number(attempt % 3 === 1)
    const setup = await setUp(seed, spec, fails)
    const { simulation, active, api, job, conditions, clock } = setup
    simulation.transport.faults = { ...manyFaults, lostAnswers: 0 }
    api.store.onCommit(() => assert.ok(active().length <= 3, `seed ${seed}: too many pods`))
    simulation.start(definitions)
    await clock.advance(600_000)
    simulation.transport.faults = noFaults
    await clock.advance(7_200_000)
    const ended = [...setup.pods.values()].map(({ status }) => status.phase)
    const count = (phase: string) => ended.filter((one) => one === phase).length
    assert.deepEqual(
      [job().status.succeeded, job().status.failed ?? 0, count('Succeeded')],
      [8, count('Failed'), 8],
      `seed ${seed}`,
    )
    const done = ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']
    assert.deepEqual(conditions(), done)
    assert.notEqual(job().status.completionTime, undefined)
    checkEnd(setup, `seed ${seed}`)
    await simulation.stop()
    assert.equal(clock.pendingTimers, 0)
  }
})

test('an indexed Job has each index succeed once', async () => {
  for (const seed of seeds(5)) {
    const spec = { completionMode: 'Indexed', completions: 7, parallelism: 4, backoffLimit: 100 }
    const setup = await setUp(seed, spec, (_, attempt) => Number(attempt % 4 === 2))
    const { simulation, active, api, job, clock } = setup
    simulation.transport.faults = { ...manyFaults, lostAnswers: 0 }
    api.store.onCommit(() => {
      const indexes = active().map(completionIndex)
      assert.equal(new Set(indexes).size, indexes.length, `seed ${seed}: an index runs twice`)
    })
    simulation.start(definitions)
    await clock.advance(300_000)
    simulation.transport.faults = noFaults
    await clock.advance(7_200_000)
    const { succeeded, completedIndexes } = job().status
    assert.deepEqual([succeeded, completedIndexes], [7, '0-6'], `seed ${seed}`)
    const pod = [...setup.pods.values()].find((one) => completionIndex(one) === 3)
    assert.equal(pod?.spec.hostname, 'work-3')
    assert.match(pod?.metadata.name ?? '', /^work-3-/)
    checkEnd(setup, `seed ${seed}`)
    await simulation.stop()
  }
})

test('a Job whose pods fail too often fails, with longer and longer pauses', async () => {
  for (const seed of seeds(4)) {
    const setup = await setUp(seed, { backoffLimit: 3 }, () => 1)
    const { simulation, conditions, job, clock, pods } = setup
    const began: number[] = []
    setup.api.store.onCommit(({ resource, type }) => {
      if (resource === '/pods' && type === 'ADDED') began.push(clock.now())
    })
    simulation.start(definitions)
    await clock.advance(600_000)
    const failed = ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']
    assert.deepEqual(conditions(), failed, `seed ${seed}`)
    assert.deepEqual([job().status.failed, pods.size], [4, 4])
    const pauses = began.slice(1).map((at, index) => at - (began[index] ?? 0))
    for (const [index, pause] of pauses.entries()) {
      assert.ok(pause >= 10_000 * 2 ** index - 1_000, `seed ${seed}: ${pauses}`)
    }
    checkEnd(setup, `seed ${seed}`)
    await simulation.stop()
  }
})

test('indexes may fail on their own', async () => {
  for (const seed of seeds(4)) {
    const spec = {
      completionMode: 'Indexed',
      completions: 5,
      parallelism: 5,
      backoffLimit: 2 ** 31 - 1,
      backoffLimitPerIndex: 1,
    }
    const setup = await setUp(seed, spec, (pod) => Number(completionIndex(pod) === 2))
    const { simulation, conditions, job, clock, pods } = setup
    simulation.transport.faults = { ...manyFaults, lostAnswers: 0 }
    simulation.start(definitions)
    await clock.advance(300_000)
    simulation.transport.faults = noFaults
    await clock.advance(1_200_000)
    const { completedIndexes, failedIndexes, failed } = job().status
    assert.deepEqual([completedIndexes, failedIndexes, failed], ['0,1,3,4', '2', 2], `seed ${seed}`)
    assert.equal(pods.size, 6)
    assert.deepEqual(conditions(), ['FailureTarget FailedIndexes', 'Failed FailedIndexes'])
    checkEnd(setup, `seed ${seed}`)
    await simulation.stop()
  }
})

test('policies of failure and success end a Job early', async () => {
  const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }
  const indexed = { completionMode: 'Indexed', completions: 6, parallelism: 6, backoffLimit: 6 }
  const cases: readonly [spec: object, exit: Exit, expected: readonly string[]][] = [
    [
      { ...indexed, podFailurePolicy: { rules: [rule] }, podReplacementPolicy: 'Failed' },
      (pod) => (completionIndex(pod) === 1 ? 42 : 0),
      ['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy'],
    ],
    [
      { ...indexed, successPolicy: { rules: [{ succeededIndexes: '1-4', succeededCount: 2 }] } },
      () => 0,
      ['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'],
    ],
    [
      { parallelism: 2, activeDeadlineSeconds: 30, backoffLimit: 1000 },
      () => 1,
      ['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded'],
    ],
  ]
  for (const seed of seeds(3)) {
    for (const [spec, exit, expected] of cases) {
      const setup = await setUp(seed, spec, exit)
      const { simulation, conditions, clock, active } = setup
      simulation.start(definitions)
      await clock.advance(300_000)
      assert.deepEqual(conditions(), expected, `seed ${seed}`)
      assert.deepEqual(active(), [])
      checkEnd(setup, `seed ${seed}`)
      await simulation.stop()
    }
  }
})

test('a suspended Job has no pods, and goes on when it is resumed', async () => {
  for (const seed of seeds(4)) {
    const setup = await setUp(seed, { suspend: true, completions: 2, parallelism: 2 })
    const { simulation, conditions, change, clock, active, job, pods } = setup
    simulation.start(definitions)
    await clock.advance(30_000)
    assert.deepEqual(conditions(), ['Suspended JobSuspended'])
    assert.equal(job().status.startTime, undefined)
    await change({ suspend: false })
    await clock.advance(4_000)
    assert.equal(pods.size, 2)
    assert.deepEqual(conditions(), [])
    assert.notEqual(job().status.startTime, undefined)
    await change({ suspend: true })
    await clock.advance(4_000)
    assert.deepEqual(active(), [], `seed ${seed}`)
    await change({ suspend: false })
    await clock.advance(300_000)
    assert.equal(job().status.succeeded, 2)
    checkEnd(setup, `seed ${seed}`)
    await simulation.stop()
  }
})

test('pods whose Job is gone are let go', async () => {
  for (const seed of seeds(3)) {
    const setup = await setUp(seed, { completions: 3, parallelism: 3 })
    const { simulation, client, api, clock } = setup
    simulation.start(definitions)
    await clock.advance(3_000)
    assert.equal(api.list(Pod).length, 3)
    await client.delete(Job, { namespace: 'default', name: 'work' })
    await clock.advance(60_000)
    assert.deepEqual(api.list(Pod).filter(isTracked), [], `seed ${seed}`)
    await simulation.stop()
  }
})
