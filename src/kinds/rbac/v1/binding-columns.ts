import type { KubeObject, PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import type { RoleRef, Subject } from './subject.ts'
import { subjectNames } from './subject-names.ts'

interface Binding extends KubeObject {
  readonly roleRef: RoleRef
  readonly subjects?: readonly Subject[] | undefined
}

const namesColumn = (name: string, kind: string): PrinterColumn<Binding> => ({
  name,
  type: 'string',
  wide: true,
  of: ({ subjects }) => subjectNames(subjects, kind),
})

/** What is printed of RoleBindings and ClusterRoleBindings. */
export const bindingColumns: readonly PrinterColumn<Binding>[] = [
  { name: 'Role', type: 'string', of: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
  ageColumn,
  namesColumn('Users', 'User'),
  namesColumn('Groups', 'Group'),
  namesColumn('ServiceAccounts', 'ServiceAccount'),
]
