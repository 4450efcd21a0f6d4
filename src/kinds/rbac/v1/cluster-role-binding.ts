import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
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
  allowsCreateOnUpdate: true,
  fields,
})
export interface ClusterRoleBinding extends StoredObject<typeof fields, 'Cluster'> {}
