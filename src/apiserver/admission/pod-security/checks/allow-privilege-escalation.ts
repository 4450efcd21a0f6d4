import { type Check, containersNamed, isWindows, namesWhere, type PodParts } from '../check.ts'

function find(pod: PodParts) {
  const names = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  )
  if (names.length === 0) return undefined
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersNamed(names)} must set securityContext.allowPrivilegeEscalation=false`,
  }
}

/** No process may gain privileges that its parent lacks. */
export const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  revisions: [
    { since: 8, find },
    { since: 25, find: (pod) => (isWindows(pod) ? undefined : find(pod)) },
  ],
}
