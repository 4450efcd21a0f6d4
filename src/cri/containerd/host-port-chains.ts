import type { Exec } from '../../base/exec.ts'

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

/**
 * Removes what portmap shares between all pods, once no pod of any network on this machine has a
 * port left. The plugin makes it again when it needs it.
 */
export async function removeHostPortChains(exec: Exec): Promise<void> {
  const nat = (...args: readonly string[]) => exec.run('iptables', ['-w', '-t', 'nat', ...args])
  const rules = await nat('-S', 'CNI-HOSTPORT-DNAT')
  if (rules.code !== 0 || /^-A /m.test(rules.stdout)) return
  for (const jump of JUMPS) await nat('-D', ...jump)
  for (const chain of CHAINS) await nat('-F', chain)
  for (const chain of CHAINS) await nat('-X', chain)
}
