import { type Exec, runOrThrow } from '../base/exec.ts'
import type { FileSystem } from '../base/file-system.ts'
import { addressAt, type Cidr, formatCidr } from './cidr.ts'

export interface NodeNetworkOptions {
  /** Of the bridge that this node's pods are plugged into; at most 15 characters. */
  readonly bridge: string
  /** The range of this node's pods; the bridge has its first address. */
  readonly podCIDR: Cidr
  /** The range of all pods: what stays inside it keeps its source address. */
  readonly clusterCIDR: Cidr
  readonly exec: Exec
  readonly files: FileSystem
}

/** Pods must be forwarded, and what crosses the bridge must meet the rules of services. */
const SYSCTLS = [
  ['/proc/sys/net/ipv4/ip_forward', true],
  ['/proc/sys/net/bridge/bridge-nf-call-iptables', false],
] as const

/**
 * The part of pod networking that outlives pods: the bridge with its address (where the API server
 * and DNS listen for pods, before any pod exists), forwarding, and one rule that gives pods the
 * node's address when they talk to the world outside. The CNI plugin does the rest for each pod.
 */
export class NodeNetwork {
  readonly #options: NodeNetworkOptions

  constructor(options: NodeNetworkOptions) {
    this.#options = options
  }

  /** The bridge's own address: the pods' way out. */
  get gateway(): string {
    return addressAt(this.#options.podCIDR, 1)
  }

  /** Idempotent: a second call, or a start on what the last one left, changes nothing. */
  async setUp(): Promise<void> {
    const { bridge, podCIDR, exec } = this.#options
    await Promise.all(SYSCTLS.map(([path, isRequired]) => this.#enable(path, isRequired)))
    const { code } = await exec.run('ip', ['link', 'show', bridge])
    if (code !== 0) await runOrThrow(exec, 'ip', ['link', 'add', bridge, 'type', 'bridge'])
    const address = `${this.gateway}/${podCIDR.prefixLength}`
    await runOrThrow(exec, 'ip', ['address', 'replace', address, 'dev', bridge])
    await runOrThrow(exec, 'ip', ['link', 'set', bridge, 'up'])
    await runOrThrow(exec, 'nft', ['-f', '-'], { input: this.#rules() })
  }

  /** Takes away all that `setUp` made, pods' connections included. */
  async tearDown(): Promise<void> {
    const { bridge, exec } = this.#options
    const remove = `add table ip ${bridge}\ndelete table ip ${bridge}\n`
    await exec.run('nft', ['-f', '-'], { input: remove })
    await exec.run('ip', ['link', 'delete', bridge])
  }

  #rules(): string {
    const { bridge, podCIDR, clusterCIDR } = this.#options
    const outbound =
      `ip saddr ${formatCidr(podCIDR)} ip daddr != ${formatCidr(clusterCIDR)} ` +
      `ip daddr != 224.0.0.0/4 oifname != "${bridge}" masquerade fully-random`
    return [
      `add table ip ${bridge}`,
      `delete table ip ${bridge}`,
      `table ip ${bridge} {`,
      '  chain postrouting {',
      '    type nat hook postrouting priority 110; policy accept;',
      `    ${outbound}`,
      '  }',
      '}',
      '',
    ].join('\n')
  }

  async #enable(path: string, isRequired: boolean): Promise<void> {
    const { files } = this.#options
    try {
      const value = Buffer.from(await files.readFile(path)).toString()
      if (value.trim() !== '1') await files.writeFile(path, '1\n')
    } catch (cause) {
      // Without the bridge filter a pod cannot reach itself or its neighbours through a service,
      // but it can reach all else; without forwarding there is no network at all.
      if (isRequired) throw new Error(`setting ${path}`, { cause })
    }
  }
}
