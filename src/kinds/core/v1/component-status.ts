import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** Whether a component is healthy. */
export const ComponentCondition = s.struct('core.v1.ComponentCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  message: s.string().optional(),
  error: s.string().optional(),
})
export interface ComponentCondition extends Infer<typeof ComponentCondition> {}

/** The health of a control plane component; kept for old clients. */
export const ComponentStatus = defineKind({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  scope: 'Cluster',
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  isVirtual: true,
  fields: {
    conditions: s
      .list(ComponentCondition, {
        listType: 'map',
        listMapKeys: ['type'],
        patchStrategy: 'merge',
        patchMergeKey: 'type',
      })
      .optional(),
  },
})
export interface ComponentStatus extends ObjectOfKind<typeof ComponentStatus> {}
