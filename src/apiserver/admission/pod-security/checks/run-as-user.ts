import { type Check, hasUserNamespace, namesWhere, type PodParts, settersOf } from '../check.ts'

function find(pod: PodParts) {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.runAsUser === 0)
  const setters = settersOf(pod.spec.securityContext?.runAsUser === 0, names)
  if (setters === '') return undefined
  return { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` }
}

/** Nobody asks for user 0; in a user namespace it is root only inside. */
export const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  revisions: [
    { since: 23, find },
    { since: 35, find: (pod) => (hasUserNamespace(pod) ? undefined : find(pod)) },
  ],
}
