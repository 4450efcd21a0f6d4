import {
  type Check,
  containersNamed,
  containersOf,
  type PodParts,
  quoted,
  sortedSet,
} from '../check.ts'

const ALLOWED: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

function find(pod: PodParts) {
  const found = containersOf(pod).map(({ name, securityContext }) => ({
    name,
    added: (securityContext?.capabilities?.add ?? []).filter((one) => !ALLOWED.has(one)),
  }))
  const bad = found.filter(({ added }) => added.length > 0)
  if (bad.length === 0) return undefined
  const who = containersNamed(bad.map(({ name }) => name))
  const what = quoted(sortedSet(bad.flatMap(({ added }) => added)))
  return {
    reason: 'non-default capabilities',
    detail: `${who} must not include ${what} in securityContext.capabilities.add`,
  }
}

/** Only capabilities that runtimes give anyway may be added. */
export const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  revisions: [{ since: 0, find }],
}
