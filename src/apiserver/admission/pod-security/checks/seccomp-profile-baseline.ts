import { type Check, containersOf, type PodParts, plural, sortedSet } from '../check.ts'
import { findUnconfined, SECCOMP } from './seccomp-profile.ts'

const POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod'
const CONTAINER_ANNOTATION_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/'

function isAllowedAnnotation(value: string): boolean {
  const isDefault = value === 'runtime/default' || value === 'docker/default'
  return isDefault || value.startsWith('localhost/')
}

/** Before 1.19 annotations said which filter applies. */
function findInAnnotations(pod: PodParts) {
  const keys = containersOf(pod).map(({ name }) => `${CONTAINER_ANNOTATION_PREFIX}${name}`)
  const forbidden = sortedSet([POD_ANNOTATION, ...keys]).flatMap((key) => {
    const value = Object.hasOwn(pod.annotations, key) ? pod.annotations[key] : undefined
    const isFine = value === undefined || isAllowedAnnotation(value)
    return isFine ? [] : [`${key}=${JSON.stringify(value)}`]
  })
  if (forbidden.length === 0) return undefined
  const what = plural('annotation', forbidden.length)
  return { reason: SECCOMP, detail: `forbidden ${what} ${forbidden.join(', ')}` }
}

/** The filter of system calls is not switched off. */
export const seccompProfileBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  revisions: [
    { since: 0, find: findInAnnotations },
    { since: 19, find: findUnconfined },
  ],
}
