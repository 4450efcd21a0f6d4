import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { setBindingDefaults } from './binding-defaults.ts'
import { validateRoleBinding, validateRoleBindingUpdate } from './binding-validation.ts'
import { RoleRef, Subject } from './subject.ts'
import { subjectNames } from './subject-names.ts'

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
  metadataRules: { onUpdate: 'both' },
  allowsCreateOnUpdate: true,
  fields,
  validateName: pathSegmentErrors,
  columns: [
    { name: 'Role', type: 'string', of: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
    ageColumn,
    {
      name: 'Users',
      type: 'string',
      wide: true,
      of: ({ subjects }) => subjectNames(subjects, 'User'),
    },
    {
      name: 'Groups',
      type: 'string',
      wide: true,
      of: ({ subjects }) => subjectNames(subjects, 'Group'),
    },
    {
      name: 'ServiceAccounts',
      type: 'string',
      wide: true,
      of: ({ subjects }) => subjectNames(subjects, 'ServiceAccount'),
    },
  ],
  setDefaults: setBindingDefaults,
  validate: validateRoleBinding,
  validateUpdate: validateRoleBindingUpdate,
})
export interface RoleBinding extends StoredObject<typeof fields, 'Namespaced'> {}
