import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CronJob } from '../../kinds/batch/v1/cron-job.ts'
import { formatWithOffset, nextDue, readTimetable } from './cron-times.ts'
import { dueStart, untilNextStart } from './plan-start.ts'

test('the next time is found by the clocks of the place', () => {
  const cases: readonly [
    schedule: string,
    zone: string | undefined,
    after: string,
    next: string,
  ][] = [
    ['* * * * *', undefined, '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
    ['* * * * *', undefined, '2026-01-01T00:00:59Z', '2026-01-01T00:01:00Z'],
    ['*/15 * * * *', undefined, '2026-07-09T14:45:00Z', '2026-07-09T15:00:00Z'],
    ['20-35/15 * * * *', undefined, '2026-07-09T14:45:00Z', '2026-07-09T15:20:00Z'],
    ['0 0 29 2 *', undefined, '2026-07-09T14:45:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 1 * MON', undefined, '2026-07-09T14:45:00Z', '2026-07-13T00:00:00Z'],
    ['0 0 */10 * Sun', undefined, '2026-07-15T00:00:00Z', '2026-07-19T00:00:00Z'],
    ['@hourly', undefined, '2026-07-09T14:45:00Z', '2026-07-09T15:00:00Z'],
    ['@every 90s', undefined, '2026-07-09T14:45:00Z', '2026-07-09T14:46:30Z'],
    ['0 9 * * *', 'Asia/Tokyo', '2026-07-09T14:45:00Z', '2026-07-10T00:00:00Z'],
    ['TZ=Asia/Tokyo 0 9 * * *', undefined, '2026-07-09T14:45:00Z', '2026-07-10T00:00:00Z'],
    // Clocks go from 2:00 to 3:00 on the 8th of March: there is no 2:30.
    ['30 2 * * *', 'America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T06:30:00Z'],
    ['0 0 9 * *', 'America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    // Clocks go from 2:00 back to 1:00 on the 1st of November: 1:30 comes twice.
    ['30 1 * * *', 'America/New_York', '2026-11-01T04:00:00Z', '2026-11-01T05:30:00Z'],
    ['30 1 * * *', 'America/New_York', '2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z'],
    ['0 0 2 * *', 'America/New_York', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
  ]
  for (const [schedule, zone, after, next] of cases) {
    const found = nextDue(readTimetable(schedule, zone), Date.parse(after)) ?? 0
    assert.equal(new Date(found).toISOString(), next.replace('Z', '.000Z'), schedule)
  }
  assert.equal(nextDue(readTimetable('0 0 31 2 *', undefined), 0), undefined)
})

test('a time is written with the offset of the place', () => {
  const time = Date.parse('2026-07-09T14:45:00Z')
  assert.equal(formatWithOffset(time, 'UTC'), '2026-07-09T14:45:00Z')
  assert.equal(formatWithOffset(time, 'Asia/Kolkata'), '2026-07-09T20:15:00+05:30')
  assert.equal(formatWithOffset(time, 'America/New_York'), '2026-07-09T10:45:00-04:00')
})

test('of the starts that were missed the last is due', () => {
  const cronJob = (schedule: string, fields: object, lastScheduleTime?: string) =>
    ({
      apiVersion: CronJob.version,
      metadata: { creationTimestamp: '2026-01-01T10:00:00Z' },
      spec: { schedule, ...fields },
      status: { ...(lastScheduleTime !== undefined && { lastScheduleTime }) },
    }) as unknown as CronJob
  const due = (one: CronJob, now: string) =>
    dueStart(one, readTimetable(one.spec.schedule, undefined), Date.parse(now))
  const hourly = '0 * * * *'
  const at = (text: string) => ({ time: Date.parse(text), areTooManyMissed: false })
  assert.equal(due(cronJob(hourly, {}), '2026-01-01T10:30:00Z'), undefined)
  assert.deepEqual(due(cronJob(hourly, {}), '2026-01-01T11:00:00Z'), at('2026-01-01T11:00:00Z'))
  assert.deepEqual(due(cronJob(hourly, {}), '2026-01-01T14:10:00Z'), at('2026-01-01T14:00:00Z'))
  const done = cronJob(hourly, {}, '2026-01-01T14:00:00Z')
  assert.equal(due(done, '2026-01-01T14:10:00Z'), undefined)
  const late = cronJob(hourly, { startingDeadlineSeconds: 60 })
  assert.equal(due(late, '2026-01-01T14:10:00Z'), undefined)
  assert.equal(due(cronJob(hourly, {}), '2026-02-01T00:00:00Z')?.areTooManyMissed, true)
  const weekdays = cronJob('30 6-16/4 * * 1-5', {})
  assert.deepEqual(due(weekdays, '2026-01-04T12:00:00Z'), at('2026-01-02T14:30:00Z'))
  const timetable = readTimetable(hourly, undefined)
  assert.equal(untilNextStart(done, timetable, Date.parse('2026-01-01T14:59:59Z')), 1_100)
})
