import { type Check, containersNamed, namesWhere, type PodParts } from '../check.ts'

function find(pod: PodParts) {
  const names = namesWhere(pod, ({ securityContext }) => securityContext?.privileged === true)
  if (names.length === 0) return undefined
  return {
    reason: 'privileged',
    detail: `${containersNamed(names)} must not set securityContext.privileged=true`,
  }
}

/** No container that may do everything on its node. */
export const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  revisions: [{ since: 0, find }],
}
