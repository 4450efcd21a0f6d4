import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'

/** A snapshot of a controller's template, to which it can roll back. */
export const ControllerRevision = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  fields: {
    data: s.raw().optional(),
    revision: s.int64(),
  },
})
export interface ControllerRevision extends ObjectOfKind<typeof ControllerRevision> {}
