import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime } from '../../src/base/clock.ts'
import { randomInt } from '../../src/base/random.ts'
import { CronJobController } from '../../src/controllers/cronjob/cron-job-controller.ts'
import { isJobFinished } from '../../src/controllers/job/job-finish.ts'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { TtlAfterFinishedController } from '../../src/controllers/ttlafterfinished/ttl-after-finished-controller.ts'
import { CronJob } from '../../src/kinds/batch/v1/cron-job.ts'
import { Job } from '../../src/kinds/batch/v1/job.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const MINUTE_MS = 60_000

const cron = {
  name: 'cronjob-controller',
  serviceAccount: 'cronjob-controller',
  create: (context: ControllerContext) => new CronJobController(context),
}
const ttl = {
  name: 'ttl-after-finished-controller',
  serviceAccount: 'ttl-after-finished-controller',
  create: (context: ControllerContext) => new TtlAfterFinishedController(context),
}

/** Jobs end by themselves after at most `runMs`; every third one fails. */
async function setUp(seed: number, fields: object, runMs: number) {
  const simulation = new ControllerSimulation(seed)
  const { client, api, clock, random } = simulation
  const started: string[] = []
  api.store.onCommit(({ resource, type, object }) => {
    if (resource !== 'batch/jobs' || type !== 'ADDED') return
    started.push(object.metadata.name)
    const hasFailed = started.length % 3 === 0
    clock.after(randomInt(random, runMs), () => {
      const job = api.list(Job).find(({ metadata }) => metadata.uid === object.metadata.uid)
      if (job === undefined) return
      const time = formatTime(clock.now())
      const type = hasFailed ? 'Failed' : 'Complete'
      const conditions = [{ type, status: 'True' as const, lastTransitionTime: time }]
      const completed = !hasFailed && { completionTime: time }
      api.change(Job, job, { ...job, status: { ...job.status, conditions, ...completed } })
    })
  })
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } }
  await client.create(CronJob, {
    metadata: { name: 'tick', namespace: 'default' },
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template } }, ...fields },
  } as never)
  const running = () => api.list(Job).filter((job) => !isJobFinished(job))
  const cronJob = () => {
    const [found] = api.list(CronJob)
    if (found === undefined) throw new Error('no cron job')
    return found
  }
  return { simulation, client, api, clock, started, running, cronJob }
}

test('each start is made once, and few ended Jobs are kept', async () => {
  for (const seed of seeds(5)) {
    const { simulation, api, clock, started, cronJob } = await setUp(seed, {}, 4 * MINUTE_MS)
    simulation.transport.faults = { ...manyFaults, lostAnswers: 0 }
    simulation.start([cron])
    await clock.advance(62 * MINUTE_MS)
    simulation.transport.faults = noFaults
    await clock.advance(60 * MINUTE_MS)
    assert.equal(new Set(started).size, started.length, `seed ${seed}: ${started}`)
    assert.equal(started.length, 24, `seed ${seed}`)
    const [first] = api.list(Job)
    const { metadata, status } = cronJob()
    const minutes =
      (Date.parse(status.lastScheduleTime ?? '') - Date.parse(metadata.creationTimestamp ?? '')) /
      MINUTE_MS
    assert.equal(minutes, 120)
    assert.equal(first?.metadata.ownerReferences?.[0]?.uid, metadata.uid)
    const ended = api.list(Job).filter(isJobFinished)
    assert.ok(ended.length <= 4, `seed ${seed}: ${ended.length} are kept`)
    assert.notEqual(status.lastSuccessfulTime, undefined)
    await simulation.stop()
    assert.equal(clock.pendingTimers, 0)
  }
})

test('Jobs that take too long hold up the next, are replaced, or run beside it', async () => {
  const cases: readonly [policy: string, mostRunning: number][] = [
    ['Forbid', 1],
    ['Replace', 1],
    ['Allow', 5],
  ]
  for (const seed of seeds(3)) {
    for (const [concurrencyPolicy, most] of cases) {
      const setup = await setUp(seed, { concurrencyPolicy }, 20 * MINUTE_MS)
      const { simulation, api, clock, running, started, cronJob } = setup
      api.store.onCommit(() => assert.ok(running().length <= most, `${concurrencyPolicy} ${seed}`))
      simulation.start([cron])
      await clock.advance(121 * MINUTE_MS)
      if (concurrencyPolicy === 'Forbid') assert.ok(started.length < 24)
      else assert.equal(started.length, 24)
      const active = cronJob().status.active ?? []
      assert.deepEqual(
        active.map(({ name }) => name).toSorted(),
        running()
          .map(({ metadata }) => metadata.name)
          .toSorted(),
      )
      await simulation.stop()
    }
  }
})

test('what is suspended does not start, and what was missed for too long neither', async () => {
  const fields = { suspend: true, startingDeadlineSeconds: 30 }
  const { simulation, client, clock, started, cronJob } = await setUp(1, fields, MINUTE_MS)
  simulation.start([cron])
  await clock.advance(31 * MINUTE_MS)
  assert.deepEqual(started, [])
  await client.update(CronJob, { ...cronJob(), spec: { ...cronJob().spec, suspend: false } })
  await clock.advance(3 * MINUTE_MS)
  assert.deepEqual(started, [])
  await clock.advance(2 * MINUTE_MS)
  assert.equal(started.length, 1)
  await simulation.stop()
})

test('ended Jobs go after their time', async () => {
  for (const seed of seeds(3)) {
    const { simulation, client, api, clock } = await setUp(seed, { suspend: true }, MINUTE_MS)
    const template = { spec: { containers: [{ name: 'a', image: 'a' }] } }
    const metadata = { name: 'short', namespace: 'default' }
    await client.create(Job, { metadata, spec: { template, ttlSecondsAfterFinished: 90 } })
    await client.create(Job, { metadata: { ...metadata, name: 'kept' }, spec: { template } })
    simulation.transport.faults = { ...manyFaults, lostAnswers: 0 }
    simulation.start([ttl])
    const names = () =>
      api
        .list(Job)
        .filter((job) => job.metadata.deletionTimestamp === undefined)
        .map((job) => job.metadata.name)
        .toSorted()
    await clock.advance(80_000)
    assert.deepEqual(names(), ['kept', 'short'], `seed ${seed}`)
    simulation.transport.faults = noFaults
    await clock.advance(120_000)
    assert.deepEqual(names(), ['kept'], `seed ${seed}`)
    await simulation.stop()
  }
})
