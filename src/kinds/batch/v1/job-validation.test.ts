import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { CronJob } from './cron-job.ts'
import { validateCronJob, validateCronJobUpdate } from './cron-job-validation.ts'
import { Job } from './job.ts'
import { validateJobStatusUpdate } from './job-status-validation.ts'
import { prepareJobForCreate } from './job-strategy.ts'
import { validateJob, validateJobUpdate } from './job-validation.ts'

type Fields = Readonly<Record<string, unknown>>

const template = (fields: Fields = {}, labels: Fields = {}) => ({
  metadata: { labels },
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }], ...fields },
})
const job = (spec: Fields = {}, rest: Fields = {}) => {
  const metadata = { name: 'a', namespace: 'b', uid: 'u' }
  const given = { metadata, spec: { template: template(), ...spec }, ...rest }
  const decoded = decodeObject(Job, given).value
  return prepareJobForCreate(Job.setDefaults?.(decoded) ?? decoded)
}
const create = (spec: Fields, rest: Fields = {}) =>
  [...validateJob(job(spec, rest), FieldPath.root)].map(formatFieldError)
const update = (spec: Fields, old: Fields) =>
  [...validateJobUpdate(job(spec), job(old), FieldPath.root)].map(formatFieldError)
const report = (status: Fields, old: Fields, spec: Fields = {}) =>
  [
    ...validateJobStatusUpdate(job(spec, { status }), job(spec, { status: old }), FieldPath.root),
  ].map(formatFieldError)

test('good Jobs', () => {
  assert.deepEqual(create({}), [])
  assert.deepEqual(create({ completions: 5, parallelism: 2, completionMode: 'Indexed' }), [])
  const policy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] }
  assert.deepEqual(create({ podFailurePolicy: policy, managedBy: 'acme.io/foo' }), [])
})

test('the template of a Job ends', () => {
  const restarts = (restartPolicy?: string) => create({ template: template({ restartPolicy }) })
  assert.deepEqual(restarts('OnFailure'), [])
  assert.deepEqual(restarts(), [
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ])
  assert.match(
    create({ template: template({}, { 'job-name': 'x' }) }).join('|'),
    /^spec.template.metadata.labels\[job-name\]: Invalid value: {.*}: must be 'a'$/,
  )
  assert.match(
    create({ selector: { matchLabels: { a: 'b' } } }).join('|'),
    /: `selector` not auto-generated\|.*: `selector` does not match template `labels`$/,
  )
})

test('counts and indexes', () => {
  assert.deepEqual(create({ parallelism: -1, managedBy: 'x' }), [
    'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
    'spec.managedBy: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
  ])
  assert.deepEqual(create({ completionMode: 'Indexed', parallelism: 1 }), [
    'spec.completions: Required value: when completion mode is Indexed',
  ])
  assert.deepEqual(create({ backoffLimitPerIndex: 1 }), [
    'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
  ])
  const success = (rule: Fields) =>
    create({ completionMode: 'Indexed', completions: 5, successPolicy: { rules: [rule] } })
  assert.deepEqual(success({ succeededIndexes: '0,2-4', succeededCount: 3 }), [])
  assert.deepEqual(success({ succeededIndexes: '0,2-5' }), [
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0,2-5": error parsing ' +
      'succeededIndexes: too large index: "5"',
  ])
  assert.deepEqual(success({ succeededIndexes: '3,1', succeededCount: 1 }), [
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "3,1": error parsing ' +
      'succeededIndexes: non-increasing order, previous: 3, current: 1',
    'spec.successPolicy.rules[0].succeededCount: Invalid value: 1: must be less than or equal ' +
      'to 0 (the number of indexes in the specified succeededIndexes field)',
  ])
})

test('what failures mean', () => {
  const codes = (values: number[], fields: Fields = {}) =>
    create({
      podFailurePolicy: {
        rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values, ...fields } }],
      },
    })
  const path = 'spec.podFailurePolicy.rules[0]'
  assert.deepEqual(codes([1, 2], { containerName: 'c' }), [])
  assert.deepEqual(codes([2, 0], { containerName: 'd' }), [
    `${path}.onExitCodes.containerName: Invalid value: "d": must be one of the container or ` +
      'initContainer names in the pod template',
    `${path}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
    `${path}.onExitCodes.values: Invalid value: [2,0]: must be ordered`,
  ])
  assert.deepEqual(create({ podFailurePolicy: { rules: [{ action: 'Count' }] } }), [
    `${path}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
  ])
})

test('a Job keeps its template unless it is suspended', () => {
  const other = template({ containers: [{ name: 'c', image: 'busybox', command: ['x'] }] })
  const bound = template({ nodeSelector: { a: 'b' } })
  assert.match(update({ template: other }, {})[0] ?? '', /^spec.template: .*: field is immutable$/)
  assert.match(update({ template: bound }, {})[0] ?? '', /^spec.template: .*: field is immutable$/)
  assert.deepEqual(update({ template: bound }, { suspend: true }), [])
  assert.match(
    update({ template: other }, { suspend: true })[0] ?? '',
    /^spec.template.spec: .*: field is immutable$/,
  )
  assert.deepEqual(update({ completions: 2 }, { completions: 3 }), [
    'spec.completions: Invalid value: 2: field is immutable',
  ])
  const selector = { matchLabels: { a: 'b' } }
  const unselected = update({ manualSelector: true, selector }, { manualSelector: true, selector })
  assert.equal(unselected.length, 2, 'the spec is judged as a new one and as that of a change')
  assert.match(unselected[1] ?? '', /`selector` does not match template `labels`$/)
  const indexed = { completionMode: 'Indexed' }
  assert.deepEqual(
    update({ ...indexed, completions: 2, parallelism: 2 }, { ...indexed, completions: 3 }),
    [],
  )
  assert.deepEqual(update({ ...indexed, completions: 2 }, { ...indexed, completions: 3 }), [
    'spec.completions: Invalid value: 2: can only be modified in tandem with spec.parallelism',
  ])
})

test('a Job without labels bears those of its template, also what is added to them', () => {
  const { metadata } = job({ template: template({}, { app: 'x' }) })
  assert.deepEqual(Object.keys(metadata.labels ?? {}).toSorted(), [
    'app',
    'batch.kubernetes.io/controller-uid',
    'batch.kubernetes.io/job-name',
    'controller-uid',
    'job-name',
  ])
  const own = { metadata: { name: 'a', namespace: 'b', uid: 'u', labels: { app: 'x' } } }
  const labelled = job({ template: template({}, { app: 'x' }) }, own)
  assert.deepEqual(labelled.metadata.labels, { app: 'x' })
})

test('states of a Job', () => {
  const time = '2026-01-01T00:00:00Z'
  const when = (...types: string[]) => types.map((type) => ({ type, status: 'True' }))
  const complete = {
    conditions: when('SuccessCriteriaMet', 'Complete'),
    startTime: time,
    completionTime: time,
    succeeded: 1,
  }
  assert.deepEqual(report({ active: 1, startTime: time }, {}), [])
  assert.deepEqual(report(complete, { startTime: time, active: 1 }), [])
  assert.deepEqual(report({ ...complete, active: 1 }, { startTime: time, active: 1 }), [
    'status.active: Invalid value: 1: active>0 is invalid for finished job',
  ])
  assert.deepEqual(report({ conditions: when('Complete') }, {}), [
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.conditions: Invalid value: cannot set Complete=True condition without the ' +
      'SuccessCriteriaMet=true condition',
    'status.startTime: Required value: startTime is required for finished job',
  ])
  assert.deepEqual(report({ failed: 1 }, { failed: 2 }), [
    'status.failed: Invalid value: 1: cannot decrease the failed counter',
  ])
  const indexed = { completionMode: 'Indexed', completions: 5, backoffLimitPerIndex: 1 }
  assert.deepEqual(report({ completedIndexes: '0-2', failedIndexes: '2,4' }, {}, indexed), [
    'status.failedIndexes: Invalid value: "2,4": failedIndexes and completedIndexes overlap at ' +
      'index: 2',
  ])
})

test('CronJobs', () => {
  const cronJob = (spec: Fields, metadata: Fields = {}) => {
    const jobTemplate = { spec: { template: template() } }
    const decoded = decodeObject(CronJob, {
      metadata: { name: 'a', namespace: 'b', ...metadata },
      spec: { schedule: '*/5 * * * *', jobTemplate, ...spec },
    }).value
    return CronJob.setDefaults?.(decoded) ?? decoded
  }
  const errors = (spec: Fields, metadata: Fields = {}) =>
    [...validateCronJob(cronJob(spec, metadata), FieldPath.root)].map(formatFieldError)
  assert.deepEqual(errors({}), [])
  assert.deepEqual(errors({ timeZone: 'Asia/Tokyo' }), [])
  assert.deepEqual(errors({ timeZone: 'Nowhere/Else', concurrencyPolicy: 'x' }), [
    'spec.timeZone: Invalid value: "Nowhere/Else": unknown time zone Nowhere/Else',
    'spec.concurrencyPolicy: Unsupported value: "x": supported values: "Allow", "Forbid", ' +
      '"Replace"',
  ])
  assert.deepEqual(errors({ schedule: '61 * * * *' }), [
    'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
  ])
  assert.deepEqual(errors({ schedule: 'TZ=UTC 1 * * * *' }), [
    'spec.schedule: Invalid value: "TZ=UTC 1 * * * *": cannot use TZ or CRON_TZ in schedule, ' +
      'use timeZone field instead',
  ])
  assert.deepEqual(errors({}, { name: 'x'.repeat(53) }), [
    `metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`,
  ])
  const long = cronJob({}, { name: 'x'.repeat(53) })
  assert.deepEqual([...validateCronJobUpdate(long, long, FieldPath.root)], [])
  const [container] = long.spec.jobTemplate.spec.template.spec.containers
  assert.equal(container?.imagePullPolicy, 'Always')
})
