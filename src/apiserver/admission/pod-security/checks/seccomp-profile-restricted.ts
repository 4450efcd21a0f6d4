import { type Check, containersNamed, isWindows, namesWhere, type PodParts } from '../check.ts'
import { findUnconfined, SECCOMP } from './seccomp-profile.ts'

const OVERRIDES = ['seccompProfile_baseline']

function find(pod: PodParts) {
  const unconfined = findUnconfined(pod)
  if (unconfined !== undefined) return unconfined
  if (pod.spec.securityContext?.seccompProfile !== undefined) return undefined
  const silent = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.seccompProfile === undefined,
  )
  if (silent.length === 0) return undefined
  const what = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
  return { reason: SECCOMP, detail: `pod or ${containersNamed(silent)} ${what}` }
}

/** A filter of system calls is asked for. */
export const seccompProfileRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  revisions: [
    { since: 19, overrides: OVERRIDES, find },
    { since: 25, overrides: OVERRIDES, find: (pod) => (isWindows(pod) ? undefined : find(pod)) },
  ],
}
