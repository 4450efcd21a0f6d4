import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { s } from '../../../machinery/schema.ts'
import { PolicyRule } from './policy-rule.ts'
import { validateRole } from './role-validation.ts'

const fields = {
  rules: s.list(PolicyRule, { listType: 'atomic' }).optional().nullWhenEmpty(),
}

/** Rights in one namespace. */
export const Role = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  allowsCreateOnUpdate: true,
  fields,
  validateName: pathSegmentErrors,
  columns: [
    {
      name: 'Created At',
      type: 'date',
      isExact: true,
      of: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
  validate: validateRole,
})
export interface Role extends StoredObject<typeof fields, 'Namespaced'> {}
