export interface CniOptions {
  /** This node's addresses for pods, such as `10.244.0.0/24`. */
  readonly podCidr: string
  /** The bridge that joins the node's pods; at most fifteen characters. */
  readonly bridge: string
  /** Where host-local keeps which address is whose. */
  readonly leaseDirectory: string
  /** Whether traffic that leaves the node's pods gets the node's address by iptables rules. */
  readonly masquerade: boolean
  /** Whether the portmap plugin serves hostPort, by iptables rules. */
  readonly hostPorts: boolean
  /** A lower one lets packets fit into a tunnel between nodes. */
  readonly mtu?: number
}

export const CNI_CONFIG_FILE = '10-wherry.conflist'

/**
 * A network of one bridge with an address for each pod: every pod reaches every other, and itself
 * through a service (hairpin). The bridge's own address is the pods' gateway.
 */
export function formatCniConfig(options: CniOptions): string {
  const { podCidr, bridge, leaseDirectory, masquerade, hostPorts, mtu } = options
  const plugins: unknown[] = [
    {
      type: 'bridge',
      bridge,
      isGateway: true,
      ipMasq: masquerade,
      hairpinMode: true,
      ...(mtu === undefined ? {} : { mtu }),
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: podCidr }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: leaseDirectory,
      },
    },
  ]
  if (hostPorts) plugins.push({ type: 'portmap', capabilities: { portMappings: true }, snat: true })
  return `${JSON.stringify({ cniVersion: '0.4.0', name: 'wherry', plugins }, undefined, 2)}\n`
}
