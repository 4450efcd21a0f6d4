import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { pathSegmentErrors, subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { ClusterRoleBinding } from './cluster-role-binding.ts'
import type { RoleBinding } from './role-binding.ts'
import type { RoleRef, Subject } from './subject.ts'

const GROUP = 'rbac.authorization.k8s.io'
const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group']

export function* validateRoleBinding(binding: RoleBinding, path: FieldPath): FieldErrors {
  const { roleRef, subjects = [] } = binding
  yield* validateRoleRef(roleRef, ['Role', 'ClusterRole'], path.child('roleRef'))
  yield* validateSubjects(subjects, true, path.child('subjects'))
}

export function* validateClusterRoleBinding(
  binding: ClusterRoleBinding,
  path: FieldPath,
): FieldErrors {
  const { roleRef, subjects = [] } = binding
  yield* validateRoleRef(roleRef, ['ClusterRole'], path.child('roleRef'))
  yield* validateSubjects(subjects, false, path.child('subjects'))
}

/** Who may change a binding's subjects must not thereby hand out another role. */
export function* validateRoleBindingUpdate(
  binding: RoleBinding,
  old: RoleBinding,
  path: FieldPath,
): FieldErrors {
  yield* validateRoleBinding(binding, path)
  yield* validateSameRole(binding.roleRef, old.roleRef, path)
}

export function* validateClusterRoleBindingUpdate(
  binding: ClusterRoleBinding,
  old: ClusterRoleBinding,
  path: FieldPath,
): FieldErrors {
  yield* validateClusterRoleBinding(binding, path)
  yield* validateSameRole(binding.roleRef, old.roleRef, path)
}

function* validateSameRole(roleRef: RoleRef, old: RoleRef, path: FieldPath): FieldErrors {
  if (deepEqual(roleRef, old)) return
  // As upstream prints its own struct.
  const shown = { APIGroup: roleRef.apiGroup, Kind: roleRef.kind, Name: roleRef.name }
  yield invalid(path.child('roleRef'), shown, 'cannot change roleRef')
}

function* validateRoleRef(
  { apiGroup, kind, name }: RoleRef,
  kinds: readonly string[],
  path: FieldPath,
): FieldErrors {
  if (apiGroup !== GROUP) yield notSupported(path.child('apiGroup'), apiGroup, [GROUP])
  if (!kinds.includes(kind)) yield notSupported(path.child('kind'), kind, kinds)
  if (name === '') yield required(path.child('name'))
  else yield* invalids(path.child('name'), name, pathSegmentErrors(name, false))
}

function* validateSubjects(
  subjects: readonly Subject[],
  isNamespaced: boolean,
  path: FieldPath,
): FieldErrors {
  for (const [index, { kind, name, apiGroup = '', namespace = '' }] of subjects.entries()) {
    const itemPath = path.index(index)
    const group = kind === 'ServiceAccount' ? '' : GROUP
    if (name === '') yield required(itemPath.child('name'))
    if (!SUBJECT_KINDS.includes(kind)) {
      yield notSupported(itemPath.child('kind'), kind, SUBJECT_KINDS)
      continue
    }
    if (kind === 'ServiceAccount' && name !== '') {
      yield* invalids(itemPath.child('name'), name, subdomainNameErrors(name, false))
    }
    if (apiGroup !== group) yield notSupported(itemPath.child('apiGroup'), apiGroup, [group])
    if (kind === 'ServiceAccount' && !isNamespaced && namespace === '') {
      yield required(itemPath.child('namespace'))
    }
  }
}
