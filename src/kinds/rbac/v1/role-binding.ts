import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { RoleRef, Subject } from './subject.ts'

const fields = {
  subjects: s.list(Subject, { listType: 'atomic' }).optional(),
  roleRef: RoleRef,
}

/** Gives a role to somebody in one namespace. */
export const RoleBinding = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  allowsCreateOnUpdate: true,
  fields,
})
export interface RoleBinding extends StoredObject<typeof fields, 'Namespaced'> {}
