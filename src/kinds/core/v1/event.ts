import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { coreEventOf } from '../../events/v1/core-event.ts'
import { eventColumns } from './event-columns.ts'
import { eventSelectableFields } from './event-fields.ts'
import { EventSource } from './event-source.ts'
import { validateEvent, validateEventUpdate } from './event-validation.ts'
import { ObjectReference } from './object-reference.ts'

/** How often an event has come again, and when last. */
export const EventSeries = s.struct('core.v1.EventSeries', {
  count: s.int32().optional(),
  lastObservedTime: s.microTime().orNull(),
})
export interface EventSeries extends Infer<typeof EventSeries> {}

const fields = {
  involvedObject: ObjectReference,
  reason: s.string().optional(),
  message: s.string().optional(),
  source: EventSource.default({}),
  firstTimestamp: s.time().orNull(),
  lastTimestamp: s.time().orNull(),
  count: s.int32().optional(),
  type: s.string().optional(),
  eventTime: s.microTime().orNull(),
  series: EventSeries.optional(),
  action: s.string().optional(),
  related: ObjectReference.optional(),
  reportingComponent: s.string().publishedDefault(''),
  reportingInstance: s.string().publishedDefault(''),
}

/** Something that happened to an object, for people to read. */
export const Event = defineKind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  fromOtherVersion: coreEventOf,
  hasNoDependents: true,
  metadataRules: { onCreate: 'none', onUpdate: 'none', allowsPlainFinalizers: true },
  shortNames: ['ev'],
  allowsCreateOnUpdate: true,
  requiresMetadata: true,
  fields,
  selectableFields: eventSelectableFields,
  columns: eventColumns,
  validate: validateEvent,
  validateUpdate: validateEventUpdate,
})
export interface Event extends StoredObject<typeof fields, 'Namespaced'> {}
