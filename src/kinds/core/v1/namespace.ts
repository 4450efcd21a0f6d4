import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { labelNameErrors } from '../../../machinery/names.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { setNamespaceDefaults } from './namespace-defaults.ts'
import { prepareNamespaceForCreate, prepareNamespaceForUpdate } from './namespace-strategy.ts'
import {
  validateNamespace,
  validateNamespaceStatusUpdate,
  validateNamespaceUpdate,
} from './namespace-validation.ts'

/** What must be done before the namespace may go. */
export const NamespaceSpec = s.struct('core.v1.NamespaceSpec', {
  finalizers: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface NamespaceSpec extends Infer<typeof NamespaceSpec> {}

/** One aspect of a namespace's deletion. */
export const NamespaceCondition = s.struct('core.v1.NamespaceCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface NamespaceCondition extends Infer<typeof NamespaceCondition> {}

/** Whether the namespace is in use or ends. */
export const NamespaceStatus = s.struct('core.v1.NamespaceStatus', {
  phase: s.oneOf('Active', 'Terminating').default('Active'),
  conditions: s
    .list(NamespaceCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface NamespaceStatus extends Infer<typeof NamespaceStatus> {}

const fields = {
  spec: NamespaceSpec.default({}),
  status: NamespaceStatus.default({}),
}

/** A scope for names, rights and quotas. */
export const Namespace = defineKind({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['ns'],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [{ name: 'finalize', verbs: ['update'] }],
  fields,
  hasGeneration: false,
  prepareForCreate: prepareNamespaceForCreate,
  prepareForUpdate: prepareNamespaceForUpdate,
  selectableFields: {
    'status.phase': ({ status }) => status.phase,
  },
  validateName: labelNameErrors,
  columns: [{ name: 'Status', type: 'string', of: ({ status }) => status.phase }, ageColumn],
  setDefaults: setNamespaceDefaults,
  validate: validateNamespace,
  validateUpdate: validateNamespaceUpdate,
  validateStatusUpdate: validateNamespaceStatusUpdate,
})
export interface Namespace extends StoredObject<typeof fields, 'Cluster'> {}
