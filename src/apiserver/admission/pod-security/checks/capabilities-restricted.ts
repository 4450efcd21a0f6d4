import {
  type Check,
  containersNamed,
  containersOf,
  isWindows,
  namesWhere,
  type PodParts,
  quoted,
  sortedSet,
} from '../check.ts'

const OVERRIDES = ['capabilities_baseline']

function find(pod: PodParts) {
  const keeping = namesWhere(
    pod,
    ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'),
  )
  const adding = containersOf(pod)
    .map(({ name, securityContext }) => ({
      name,
      added: (securityContext?.capabilities?.add ?? []).filter((one) => one !== 'NET_BIND_SERVICE'),
    }))
    .filter(({ added }) => added.length > 0)
  const details: string[] = []
  if (keeping.length > 0) {
    details.push(`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`)
  }
  if (adding.length > 0) {
    const who = containersNamed(adding.map(({ name }) => name))
    const what = quoted(sortedSet(adding.flatMap(({ added }) => added)))
    details.push(`${who} must not include ${what} in securityContext.capabilities.add`)
  }
  if (details.length === 0) return undefined
  return { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

/** All capabilities are dropped; the one to bind low ports may come back. */
export const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  revisions: [
    { since: 22, overrides: OVERRIDES, find },
    { since: 25, overrides: OVERRIDES, find: (pod) => (isWindows(pod) ? undefined : find(pod)) },
  ],
}
