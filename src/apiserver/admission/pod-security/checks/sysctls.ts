import type { Check, PodParts } from '../check.ts'

const SAFE_AT_FIRST = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]
const SAFE_SINCE_27 = [...SAFE_AT_FIRST, 'net.ipv4.ip_local_reserved_ports']
const SAFE_SINCE_29 = [
  ...SAFE_SINCE_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]
const SAFE_SINCE_32 = [...SAFE_SINCE_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']

function findWith(safe: readonly string[]) {
  return ({ spec }: PodParts) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name)
    const forbidden = names.filter((name) => !safe.includes(name))
    if (forbidden.length === 0) return undefined
    return { reason: 'forbidden sysctls', detail: forbidden.join(', ') }
  }
}

/** Only kernel parameters that belong to the pod's own namespaces. */
export const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  revisions: [
    { since: 0, find: findWith(SAFE_AT_FIRST) },
    { since: 27, find: findWith(SAFE_SINCE_27) },
    { since: 29, find: findWith(SAFE_SINCE_29) },
    { since: 32, find: findWith(SAFE_SINCE_32) },
  ],
}
