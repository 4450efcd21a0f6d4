import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import {
  isSystemClass,
  validatePriorityClass,
  validatePriorityClassUpdate,
} from './priority-class-validation.ts'

const fields = {
  value: s.int32().publishedDefault(0),
  globalDefault: s.bool().optional(),
  description: s.string().optional(),
  preemptionPolicy: s.string().default('PreemptLowerPriority').pointer(),
}

/** A name for a priority of pods. */
export const PriorityClass = defineKind({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
  shortNames: ['pc'],
  fields,
  hasGeneration: true,
  columns: [
    { name: 'Value', type: 'integer', of: ({ value }) => value },
    { name: 'Global-Default', type: 'boolean', of: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    {
      name: 'PreemptionPolicy',
      type: 'string',
      of: ({ preemptionPolicy }) => preemptionPolicy,
    },
  ],
  refusesDeletion: (name) =>
    isSystemClass(name) ? 'this is a system priority class and cannot be deleted' : undefined,
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
})
export interface PriorityClass extends StoredObject<typeof fields, 'Cluster'> {}
