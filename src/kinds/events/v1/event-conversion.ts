import type { KubeObject, StoredAs } from '../../../machinery/kind.ts'
import { Event as CoreEvent } from '../../core/v1/event.ts'
import { coreEventOf } from './core-event.ts'
import type { Event } from './event.ts'
import { validateStrictly } from './strict-event-validation.ts'

/** Events are stored as those of the core group, under other names for half of the fields. */
export const eventConversion: StoredAs = {
  kind: () => CoreEvent,
  toStored: coreEventOf,
  fromStored: (object: KubeObject) => fromCore(object as CoreEvent),
  validateStored: (object, old, path) =>
    validateStrictly(object as CoreEvent, old as CoreEvent | undefined, path),
}

function fromCore(event: CoreEvent): Event {
  const {
    involvedObject,
    message,
    source,
    firstTimestamp,
    lastTimestamp,
    count,
    reportingComponent,
    reportingInstance,
    series,
    eventTime,
    ...same
  } = event
  return {
    ...same,
    apiVersion: 'events.k8s.io/v1',
    // Events of older reporters have none; Go writes null then, and clients expect the field.
    eventTime: eventTime ?? (null as unknown as string),
    regarding: involvedObject,
    deprecatedSource: source,
    ...(series === undefined ? {} : { series: seriesOf(series) }),
    ...(reportingComponent === '' ? {} : { reportingController: reportingComponent }),
    ...(reportingInstance === '' ? {} : { reportingInstance }),
    ...(message === undefined ? {} : { note: message }),
    ...(firstTimestamp === undefined ? {} : { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { deprecatedLastTimestamp: lastTimestamp }),
    ...(count === undefined ? {} : { deprecatedCount: count }),
  }
}

function seriesOf(series: NonNullable<CoreEvent['series']>): NonNullable<Event['series']> {
  const { count = 0, lastObservedTime } = series
  return { count, lastObservedTime: lastObservedTime ?? (null as unknown as string) }
}
