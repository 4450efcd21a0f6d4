import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { s } from '../../../machinery/schema.ts'
import { bindingColumns } from './binding-columns.ts'
import { setBindingDefaults } from './binding-defaults.ts'
import {
  validateClusterRoleBinding,
  validateClusterRoleBindingUpdate,
} from './binding-validation.ts'
import { bindingFromV1alpha1 } from './from-v1alpha1.ts'
import { RoleRef, Subject } from './subject.ts'

const fields = {
  subjects: s.list(Subject, { listType: 'atomic' }).optional(),
  roleRef: RoleRef,
}

/** Gives a ClusterRole to somebody everywhere. */
export const ClusterRoleBinding = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  fromOtherVersion: bindingFromV1alpha1,
  metadataRules: { onUpdate: 'both' },
  allowsCreateOnUpdate: true,
  fields,
  validateName: pathSegmentErrors,
  columns: bindingColumns,
  setDefaults: setBindingDefaults,
  validate: validateClusterRoleBinding,
  validateUpdate: validateClusterRoleBindingUpdate,
})
export interface ClusterRoleBinding extends StoredObject<typeof fields, 'Cluster'> {}
