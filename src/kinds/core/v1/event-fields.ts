import type { Event } from './event.ts'

/** The fields by which events can be selected: above all what they are about. */
export const eventSelectableFields = {
  'involvedObject.kind': ({ involvedObject }: Event) => involvedObject.kind ?? '',
  'involvedObject.namespace': ({ involvedObject }: Event) => involvedObject.namespace ?? '',
  'involvedObject.name': ({ involvedObject }: Event) => involvedObject.name ?? '',
  'involvedObject.uid': ({ involvedObject }: Event) => involvedObject.uid ?? '',
  'involvedObject.apiVersion': ({ involvedObject }: Event) => involvedObject.apiVersion ?? '',
  'involvedObject.resourceVersion': ({ involvedObject }: Event) =>
    involvedObject.resourceVersion ?? '',
  'involvedObject.fieldPath': ({ involvedObject }: Event) => involvedObject.fieldPath ?? '',
  reason: ({ reason = '' }: Event) => reason,
  reportingComponent: ({ reportingComponent }: Event) => reportingComponent,
  source: ({ source, reportingComponent }: Event) => source.component || reportingComponent,
  type: ({ type = '' }: Event) => type,
}
