import type { KubeObject } from '../../../machinery/kind.ts'

const GROUP = 'rbac.authorization.k8s.io'

interface FormerSubject {
  readonly kind?: string
  readonly name?: string
  readonly apiVersion?: string
}

/**
 * A binding of v1alpha1 as v1 has it: subjects have a version there, not only a group, and the user
 * `*` is everybody who is known.
 */
export function bindingFromV1alpha1(stored: KubeObject): KubeObject {
  if (stored.apiVersion !== `${GROUP}/v1alpha1`) return stored
  const { subjects } = stored as KubeObject & { readonly subjects?: readonly FormerSubject[] }
  if (!subjects) return stored
  return { ...stored, subjects: subjects.map(subjectOf) } as KubeObject
}

function subjectOf({ apiVersion, ...subject }: FormerSubject): object {
  const apiGroup = groupOf(subject.kind, apiVersion)
  if (subject.kind === 'User' && subject.name === '*') {
    return { ...subject, kind: 'Group', name: 'system:authenticated', apiGroup }
  }
  return apiGroup === '' ? subject : { ...subject, apiGroup }
}

function groupOf(kind: string | undefined, apiVersion = ''): string {
  if (kind === 'ServiceAccount') return ''
  if (kind === 'User' || kind === 'Group') return GROUP
  const [group = '', version, ...more] = apiVersion.split('/')
  return version === undefined || more.length > 0 ? '' : group
}
