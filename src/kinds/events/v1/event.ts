import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { columnsOfStored } from '../../../machinery/stored-as.ts'
import { eventColumns } from '../../core/v1/event-columns.ts'
import { EventSource } from '../../core/v1/event-source.ts'
import { ObjectReference } from '../../core/v1/object-reference.ts'
import { eventConversion } from './event-conversion.ts'
import { eventSelectableFields } from './event-fields.ts'

/** How often an event has come again, and when last. */
export const EventSeries = s.struct('events.v1.EventSeries', {
  count: s.int32(),
  lastObservedTime: s.microTime(),
})
export interface EventSeries extends Infer<typeof EventSeries> {}

const fields = {
  eventTime: s.microTime(),
  series: EventSeries.optional(),
  reportingController: s.string().optional(),
  reportingInstance: s.string().optional(),
  action: s.string().optional(),
  reason: s.string().optional(),
  regarding: ObjectReference.default({}),
  related: ObjectReference.optional(),
  note: s.string().optional(),
  type: s.string().optional(),
  deprecatedSource: EventSource.default({}),
  deprecatedFirstTimestamp: s.time().orNull(),
  deprecatedLastTimestamp: s.time().orNull(),
  deprecatedCount: s.int32().optional(),
}

/** Something that happened to an object, for people to read. */
export const Event = defineKind({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  shortNames: ['ev'],
  allowsCreateOnUpdate: true,
  fields,
  selectableFields: eventSelectableFields,
  columns: columnsOfStored(eventConversion, eventColumns),
  storedAs: eventConversion,
})
export interface Event extends StoredObject<typeof fields, 'Namespaced'> {}
