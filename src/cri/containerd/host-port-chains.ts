import type { Exec } from '../../base/exec.ts'
import { removeTableIfEmpty } from './nat-tables.ts'

/** The jumps into the chains that the portmap plugin makes with its first port and then keeps. */
const JUMPS: readonly (readonly string[])[] = [
  ['PREROUTING', '-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'CNI-HOSTPORT-DNAT'],
  ['OUTPUT', '-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'CNI-HOSTPORT-DNAT'],
  [
    ...['POSTROUTING', '-m', 'comment', '--comment', 'CNI portfwd requiring masquerade'],
    ...['-j', 'CNI-HOSTPORT-MASQ'],
  ],
]
const CHAINS = ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-MASQ', 'CNI-HOSTPORT-SETMARK']
const HOOKS = ['PREROUTING', 'OUTPUT', 'POSTROUTING']

/** iptables-nft makes these when asked for the first time; portmap asks in both families. */
const TABLES = ['ip nat', 'ip6 nat']

/**
 * Removes what portmap shares between all pods, once no pod of any network on this machine has a
 * port left. The plugin makes it again when it needs it. What others keep in the same tables stays.
 */
export async function removeHostPortChains(exec: Exec): Promise<void> {
  const nat = (...args: readonly string[]) => exec.run('iptables', ['-w', '-t', 'nat', ...args])
  const rules = await nat('-S', 'CNI-HOSTPORT-DNAT')
  if (rules.code !== 0 || /^-A /m.test(rules.stdout)) return
  for (const jump of JUMPS) await nat('-D', ...jump)
  for (const chain of CHAINS) await nat('-F', chain)
  // A hook that still holds a rule is refused, and so is every hook by the older iptables.
  for (const chain of [...CHAINS, ...HOOKS]) await nat('-X', chain)
  for (const table of TABLES) await removeTableIfEmpty(exec, table)
}
