import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn, controllerText } from '../../column-text.ts'
import {
  validateControllerRevision,
  validateControllerRevisionUpdate,
} from './controller-revision-validation.ts'

const fields = {
  data: s.raw().optional(),
  revision: s.int64(),
}

/** A snapshot of a controller's template, to which it can roll back. */
export const ControllerRevision = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  fields,
  validate: validateControllerRevision,
  validateUpdate: validateControllerRevisionUpdate,
  columns: [
    {
      name: 'Controller',
      type: 'string',
      of: ({ metadata }) => controllerText(metadata.ownerReferences),
    },
    { name: 'Revision', type: 'string', of: ({ revision }) => revision },
    ageColumn,
  ],
})
export interface ControllerRevision extends StoredObject<typeof fields, 'Namespaced'> {}
