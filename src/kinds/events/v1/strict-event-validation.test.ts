import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Event } from '../../core/v1/event.ts'
import { validateStrictly } from './strict-event-validation.ts'

const event = (fields: object = {}) =>
  ({
    metadata: { name: 'a', namespace: 'b', resourceVersion: '1' },
    involvedObject: { namespace: 'b', name: 'p' },
    source: {},
    type: 'Normal',
    eventTime: '2026-01-01T00:00:00.000000Z',
    ...fields,
  }) as unknown as Event
const errors = (one: Event, old?: Event) =>
  [...validateStrictly(one, old, FieldPath.root)].map(formatFieldError)

test('a new event of events.k8s.io says all that the older fields said', () => {
  assert.deepEqual(errors(event()), [])
  const older = { eventTime: null, type: 'Loud', count: 3, source: { host: 'h' } }
  assert.deepEqual(errors(event({ ...older, series: { count: 1 } })), [
    'series.count: Invalid value: "": should be at least 2',
    'series.lastObservedTime: Required value',
    'eventTime: Required value',
    'type: Invalid value: "": has invalid value: Loud',
    'count: Invalid value: "": needs to be unset',
    'source: Invalid value: "": needs to be unset',
  ])
})

test('of an event of events.k8s.io only the series changes', () => {
  const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' }
  assert.deepEqual(errors(event({ series }), event()), [])
  assert.deepEqual(errors(event({ message: 'x', reportingComponent: 'c' }), event()), [
    'message: Invalid value: "x": field is immutable',
    'reportingController: Invalid value: "c": field is immutable',
  ])
})
