import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { RoleRef, Subject } from './subject.ts'

/** Gives a role to somebody in one namespace. */
export const RoleBinding = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  allowsCreateOnUpdate: true,
  fields: {
    subjects: s.list(Subject, { listType: 'atomic' }).optional(),
    roleRef: RoleRef,
  },
})
export interface RoleBinding extends ObjectOfKind<typeof RoleBinding> {}
