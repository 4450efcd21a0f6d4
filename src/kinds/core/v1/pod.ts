import { collected } from '../../../machinery/field-error.ts'
import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { podColumns } from './pod-columns.ts'
import { setPodDefaults } from './pod-defaults.ts'
import { PodSpec } from './pod-spec.ts'
import { PodStatus } from './pod-status.ts'
import { validatePodStatusUpdate } from './pod-status-validation.ts'
import {
  podGracePeriod,
  podSelectableFields,
  preparePodForCreate,
  preparePodForStatusUpdate,
} from './pod-strategy.ts'
import { validatePodUpdate } from './pod-update-validation.ts'
import { validatePod } from './pod-validation.ts'
import { podWarnings } from './pod-warnings.ts'

const fields = {
  spec: PodSpec.present(),
  status: PodStatus.default({}),
}

/** Containers that run together on one node and share its network and volumes. */
export const Pod = defineKind({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both', statusKeeps: ['ownerReferences'] },
  shortNames: ['po'],
  categories: ['all'],
  subresources: [
    { name: 'attach', verbs: ['create', 'get'], kind: 'PodAttachOptions' },
    { name: 'binding', verbs: ['create'], kind: 'Binding' },
    { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
    { name: 'exec', verbs: ['create', 'get'], kind: 'PodExecOptions' },
    { name: 'log', verbs: ['get'] },
    { name: 'portforward', verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      kind: 'PodProxyOptions',
    },
    { name: 'resize', verbs: ['get', 'patch', 'update'] },
  ],
  fields,
  returnsDeletedObject: true,
  prepareForCreate: preparePodForCreate,
  prepareForStatusUpdate: preparePodForStatusUpdate,
  gracePeriodSeconds: podGracePeriod,
  selectableFields: podSelectableFields,
  columns: podColumns,
  setDefaults: setPodDefaults,
  warningsOnCreate: podWarnings,
  validate: (pod, path) => collected(validatePod, pod, path),
  validateUpdate: (pod, old, path) => collected(validatePodUpdate, pod, old, path),
  validateStatusUpdate: (pod, old, path) => collected(validatePodStatusUpdate, pod, old, path),
})
export interface Pod extends StoredObject<typeof fields, 'Namespaced'> {}
