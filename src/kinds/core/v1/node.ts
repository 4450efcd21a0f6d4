import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { nodeColumns } from './node-columns.ts'
import { setNodeDefaults } from './node-defaults.ts'
import { NodeSpec } from './node-spec.ts'
import { NodeStatus } from './node-status.ts'
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from './node-validation.ts'

const fields = {
  spec: NodeSpec.default({}),
  status: NodeStatus.default({}),
}

/** Kubelets are not configured through their nodes any more; what an old node has may stay. */
function withoutConfig(node: Node, old: Node | undefined): Node {
  const { configSource, ...spec } = node.spec
  const { config, ...status } = node.status
  const keepsSource = configSource === undefined || old?.spec.configSource !== undefined
  const keepsStatus = config === undefined || old?.status.config !== undefined
  if (keepsSource && keepsStatus) return node
  return {
    ...node,
    spec: keepsSource ? node.spec : spec,
    status: keepsStatus ? node.status : status,
  }
}

/** A machine that runs pods. */
export const Node = defineKind({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['no'],
  subresources: [
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      kind: 'NodeProxyOptions',
    },
  ],
  storagePrefix: 'minions',
  fields,
  hasGeneration: false,
  selectableFields: {
    'spec.unschedulable': ({ spec }) => `${spec.unschedulable ?? false}`,
  },
  columns: nodeColumns,
  setDefaults: setNodeDefaults,
  prepareForCreate: (node) => withoutConfig(node, undefined),
  prepareForUpdate: withoutConfig,
  prepareForStatusUpdate: withoutConfig,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
})
export interface Node extends StoredObject<typeof fields, 'Cluster'> {}
