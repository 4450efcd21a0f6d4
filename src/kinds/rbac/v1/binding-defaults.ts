import { mapShared, withFields } from '../../../machinery/map-shared.ts'
import type { RoleRef, Subject } from './subject.ts'

const GROUP = 'rbac.authorization.k8s.io'

interface Binding {
  readonly subjects?: readonly Subject[] | undefined
  readonly roleRef: RoleRef
}

/** Roles, users and groups are of RBAC's own API group when none is named. */
export function setBindingDefaults<B extends Binding>(binding: B): B {
  const { subjects, roleRef } = binding
  return withFields(binding, {
    roleRef: withFields(roleRef, { apiGroup: roleRef.apiGroup || GROUP }),
    ...(subjects && { subjects: mapShared(subjects, setSubjectDefaults) }),
  } as Partial<B>)
}

function setSubjectDefaults(subject: Subject): Subject {
  const isOfGroup = subject.kind === 'User' || subject.kind === 'Group'
  return isOfGroup ? withFields(subject, { apiGroup: subject.apiGroup || GROUP }) : subject
}
