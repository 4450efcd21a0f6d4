import {
  type Check,
  containersNamed,
  hasUserNamespace,
  namesWhere,
  type PodParts,
  settersOf,
} from '../check.ts'

const REASON = 'runAsNonRoot != true'

function find(pod: PodParts) {
  const ofPod = pod.spec.securityContext?.runAsNonRoot
  const explicit = namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false)
  const setters = settersOf(ofPod === false, explicit)
  if (setters !== '') {
    return { reason: REASON, detail: `${setters} must not set securityContext.runAsNonRoot=false` }
  }
  if (ofPod === true) return undefined
  const silent = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.runAsNonRoot === undefined,
  )
  if (silent.length === 0) return undefined
  const who = `pod or ${containersNamed(silent)}`
  return { reason: REASON, detail: `${who} must set securityContext.runAsNonRoot=true` }
}

/** No process may begin as root; in a user namespace it is root only inside. */
export const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  revisions: [
    { since: 0, find },
    { since: 35, find: (pod) => (hasUserNamespace(pod) ? undefined : find(pod)) },
  ],
}
