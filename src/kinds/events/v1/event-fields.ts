import type { Event } from './event.ts'

/** The fields by which events can be selected, under the names of this version. */
export const eventSelectableFields = {
  'regarding.kind': ({ regarding }: Event) => regarding.kind ?? '',
  'regarding.namespace': ({ regarding }: Event) => regarding.namespace ?? '',
  'regarding.name': ({ regarding }: Event) => regarding.name ?? '',
  'regarding.uid': ({ regarding }: Event) => regarding.uid ?? '',
  'regarding.apiVersion': ({ regarding }: Event) => regarding.apiVersion ?? '',
  'regarding.resourceVersion': ({ regarding }: Event) => regarding.resourceVersion ?? '',
  'regarding.fieldPath': ({ regarding }: Event) => regarding.fieldPath ?? '',
  reason: ({ reason = '' }: Event) => reason,
  reportingController: ({ reportingController = '' }: Event) => reportingController,
  type: ({ type = '' }: Event) => type,
}
