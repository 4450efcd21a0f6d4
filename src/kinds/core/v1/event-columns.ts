import type { PrinterColumn } from '../../../machinery/kind.ts'
import { since } from '../../column-text.ts'
import type { Event } from './event.ts'

/** What `kubectl get events` shows; here the name comes last, since it says nothing. */
export const eventColumns: readonly PrinterColumn<Event>[] = [
  { name: 'Last Seen', type: 'string', of: (event, { now }) => since(lastSeen(event), now) },
  { name: 'Type', type: 'string', of: ({ type }) => type },
  { name: 'Reason', type: 'string', of: ({ reason }) => reason },
  { name: 'Object', type: 'string', of: objectText },
  {
    name: 'Subobject',
    type: 'string',
    wide: true,
    of: ({ involvedObject }) => involvedObject.fieldPath,
  },
  { name: 'Source', type: 'string', wide: true, of: sourceText },
  { name: 'Message', type: 'string', of: ({ message = '' }) => message.trim() },
  {
    name: 'First Seen',
    type: 'string',
    wide: true,
    of: (event, { now }) => since(firstSeen(event), now),
  },
  {
    name: 'Count',
    type: 'string',
    wide: true,
    of: ({ count = 0, series }) => series?.count ?? (count === 0 ? 1 : count),
  },
  { name: 'Name', type: 'string', wide: true, format: 'name', of: ({ metadata }) => metadata.name },
]

function firstSeen({ firstTimestamp, eventTime }: Event): string | undefined {
  return firstTimestamp ?? eventTime ?? undefined
}

function lastSeen(event: Event): string | undefined {
  if (event.series !== undefined) return event.series.lastObservedTime ?? undefined
  return event.lastTimestamp ?? firstSeen(event)
}

function objectText({ involvedObject }: Event): string {
  const { kind = '', name = '' } = involvedObject
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source.component || reportingComponent
  const instance = source.host || reportingInstance
  return instance === '' ? component : `${component}, ${instance}`
}
