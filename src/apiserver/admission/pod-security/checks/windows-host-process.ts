import { type Check, namesWhere, type PodParts, settersOf } from '../check.ts'

function find(pod: PodParts) {
  const names = namesWhere(
    pod,
    ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true,
  )
  const isPod = pod.spec.securityContext?.windowsOptions?.hostProcess === true
  const setters = settersOf(isPod, names)
  if (setters === '') return undefined
  return {
    reason: 'hostProcess',
    detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true`,
  }
}

/** No processes of the node itself on Windows. */
export const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  revisions: [{ since: 0, find }],
}
