import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'

/** A name for a priority of pods. */
export const PriorityClass = defineKind({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
  shortNames: ['pc'],
  fields: {
    value: s.int32().publishedDefault(0),
    globalDefault: s.bool().optional(),
    description: s.string().optional(),
    preemptionPolicy: s.string().default('PreemptLowerPriority'),
  },
})
export interface PriorityClass extends ObjectOfKind<typeof PriorityClass> {}
