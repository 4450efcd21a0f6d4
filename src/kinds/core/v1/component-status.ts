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

interface Conditions {
  readonly conditions?: readonly ComponentCondition[] | undefined
}

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
  columns: [
    {
      name: 'Status',
      type: 'string',
      description: 'Whether the component is healthy.',
      of: (component) => {
        const health = healthOf(component)
        if (health === undefined) return 'Unknown'
        return health.status === 'True' ? 'Healthy' : 'Unhealthy'
      },
    },
    {
      name: 'Message',
      type: 'string',
      description: 'What the component says of itself.',
      of: (component) => healthOf(component)?.message,
    },
    {
      name: 'Error',
      type: 'string',
      description: 'Why its health is not known.',
      of: (component) => healthOf(component)?.error,
    },
  ],
})
export interface ComponentStatus extends ObjectOfKind<typeof ComponentStatus> {}

function healthOf({ conditions = [] }: Conditions): ComponentCondition | undefined {
  return conditions.find(({ type }) => type === 'Healthy')
}
