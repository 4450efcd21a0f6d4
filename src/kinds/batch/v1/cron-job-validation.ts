import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { validateNonNegative, validateOneOf } from '../../core/v1/field-rules.ts'
import type { CronJob, CronJobSpec, JobTemplateSpec } from './cron-job.ts'
import { CronSyntaxError, isTimeZone, parseCronSchedule } from './cron-schedule.ts'
import { validateJobSpec } from './job-spec-validation.ts'

/** A Job's name is that of its CronJob and eleven characters for the time. */
const MOST_NAME_CHARACTERS = 52
const POLICIES = ['Allow', 'Forbid', 'Replace']
const ZONE_PART = /^[A-Za-z._0-9+-]{1,14}$/

export function* validateCronJob({ metadata, spec }: CronJob, path: FieldPath): FieldErrors {
  yield* validateSpec(spec, undefined, path.child('spec'))
  if (metadata.name.length > MOST_NAME_CHARACTERS) {
    const why = `must be no more than ${MOST_NAME_CHARACTERS} characters`
    yield invalid(path.child('metadata', 'name'), metadata.name, why)
  }
}

export function validateCronJobUpdate(
  { spec }: CronJob,
  old: CronJob,
  path: FieldPath,
): FieldErrors {
  return validateSpec(spec, old.spec, path.child('spec'))
}

function* validateSpec(
  spec: CronJobSpec,
  old: CronJobSpec | undefined,
  path: FieldPath,
): FieldErrors {
  if (spec.schedule === '') yield required(path.child('schedule'))
  else yield* validateSchedule(spec, old?.schedule.includes('TZ') ?? false, path.child('schedule'))
  yield* validateNonNegative(
    spec.startingDeadlineSeconds ?? 0,
    path.child('startingDeadlineSeconds'),
  )
  if (spec.timeZone !== undefined && spec.timeZone !== old?.timeZone) {
    yield* validateTimeZone(spec.timeZone, path.child('timeZone'))
  }
  yield* validateOneOf(spec.concurrencyPolicy, POLICIES, path.child('concurrencyPolicy'))
  yield* validateJobTemplate(spec.jobTemplate, path.child('jobTemplate', 'spec'))
  for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const) {
    yield* validateNonNegative(spec[field], path.child(field))
  }
}

function* validateSchedule(
  { schedule, timeZone }: CronJobSpec,
  allowsZone: boolean,
  path: FieldPath,
): FieldErrors {
  try {
    parseCronSchedule(schedule)
  } catch (error) {
    if (!(error instanceof CronSyntaxError)) throw error
    yield invalid(path, schedule, error.message)
  }
  if (!schedule.includes('TZ')) return
  if (!allowsZone) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    yield invalid(path, schedule, why)
  } else if (timeZone !== undefined) {
    const why = 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
    yield invalid(path, schedule, why)
  }
}

function* validateTimeZone(zone: string, path: FieldPath): FieldErrors {
  if (zone === '') {
    yield invalid(path, zone, 'timeZone must be nil or non-empty string')
    return
  }
  const isWellFormed = zone
    .split('/')
    .every((part) => ZONE_PART.test(part) && !part.startsWith('-') && !/^\.\.?$/.test(part))
  if (isWellFormed && zone.toLowerCase() === 'local') {
    const where = 'https://www.iana.org/time-zones'
    yield invalid(path, zone, `timeZone must be an explicit time zone as defined in ${where}`)
  } else if (!isWellFormed || !isTimeZone(zone)) {
    yield invalid(path, zone, `unknown time zone ${zone}`)
  }
}

/** The selector of each Job is made when the Job is. */
function* validateJobTemplate({ spec }: JobTemplateSpec, path: FieldPath): FieldErrors {
  yield* validateJobSpec(spec, path)
  if (spec.selector !== undefined) {
    yield invalid(path.child('selector'), spec.selector, '`selector` will be auto-generated')
  }
  if (spec.manualSelector === true) {
    yield notSupported(path.child('manualSelector'), 'true', ['nil', 'false'])
  }
}
