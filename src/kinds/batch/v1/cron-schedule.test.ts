import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CronFields, parseCronSchedule } from './cron-schedule.ts'

const fields = (text: string): CronFields => {
  const schedule = parseCronSchedule(text)
  assert.ok(schedule.type === 'times')
  return schedule.fields
}
const values = (text: string, name: keyof CronFields) => [...fields(text)[name].values]

test('fields', () => {
  assert.deepEqual(values('*/20 * * * *', 'minutes'), [0, 20, 40])
  assert.deepEqual(values('5/25 * * * *', 'minutes'), [5, 30, 55])
  assert.deepEqual(values('0 9-17/4,3 * * *', 'hours'), [9, 13, 17, 3])
  assert.deepEqual(values('0 0 1 JAN,dec *', 'months'), [1, 12])
  assert.deepEqual(values('0 0 * * mon-fri', 'daysOfWeek'), [1, 2, 3, 4, 5])
  assert.deepEqual(values('CRON_TZ=Asia/Tokyo 7 * ? * *', 'minutes'), [7])
  assert.equal(fields('0 0 * * 1').daysOfMonth.hasStar, true)
  assert.equal(fields('0 0 */2 * 1').daysOfMonth.hasStar, false)
  assert.equal(fields('0 0 */1 * 1').daysOfMonth.hasStar, true)
})

test('descriptors', () => {
  assert.deepEqual(fields('@weekly'), fields('0 0 * * 0'))
  assert.deepEqual(fields('@yearly'), fields('0 0 1 1 *'))
  assert.deepEqual(parseCronSchedule('@every 1h30m'), { type: 'every', milliseconds: 5_400_000 })
  assert.deepEqual(parseCronSchedule('@every 10ms'), { type: 'every', milliseconds: 1000 })
})

test('what is not a schedule', () => {
  const cases: [string, string][] = [
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-3 * * * *', 'beginning of range (5) beyond end of range (3): 5-3'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['*/2/3 * * * *', 'too many slashes: */2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@often', 'unrecognized descriptor: @often'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
    ['TZ=Nowhere * * * * *', 'provided bad location Nowhere: unknown time zone Nowhere'],
    ['TZ=0', 'invalid schedule format: runtime error: slice bounds out of range [3:-1]'],
  ]
  for (const [text, message] of cases) {
    assert.throws(() => parseCronSchedule(text), { name: 'CronSyntaxError', message }, text)
  }
})
