import { join } from 'node:path'
import type { KubeletTransport } from '../../apiserver/streaming/kubelet-transport.ts'
import type { Informers } from '../../client/lister.ts'
import { ClusterDns } from '../../dns/cluster-dns.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { NO_SETTINGS, parseResolvConf } from '../../kubelet/dns/resolv-conf.ts'
import { SimulatedProbeNetwork } from '../../kubelet/probes/simulated-probe-network.ts'
import { SystemProbeNetwork } from '../../kubelet/probes/system-probe-network.ts'
import { isConditionTrue } from '../../machinery/conditions.ts'
import type { Cidr } from '../../network/cidr.ts'
import { KubeProxy, systemNft } from '../../proxy/kube-proxy.ts'
import { IDENTITIES, nodeIdentity } from '../api-identity.ts'
import type { ClusterCertificates } from '../certificates/cluster-certificates.ts'
import {
  CLUSTER_DOMAIN,
  type ClusterOptions,
  clusterCidrFor,
  DNS_ADDRESS,
  type RuntimeChoice,
  SERVICE_TABLE,
} from '../cluster-options.ts'
import type { ComponentGroup } from '../component-group.ts'
import type { ControlPlane } from '../control-plane.ts'
import { timed } from '../progress-timer.ts'
import { ClusterNode } from './cluster-node.ts'
import { primaryAddress } from './node-address.ts'
import { GATEWAY, nodeNameAt, nodesDirectory, podCidrAt } from './node-layout.ts'
import { createNodeRuntime, type NodeRuntime, nodeNetworkAt } from './node-runtime.ts'
import { recordRuntimeChoice } from './runtime-record.ts'
import { SimulatedKubelets } from './simulated-kubelets.ts'

const RESOLV_CONF = '/etc/resolv.conf'
/** On the gateway's address, which only this machine and its pods have: 53 is free there. */
const DNS_PORT = 53
/** On an address that others use too; pods do not see it, since the service's port is 53. */
const SHARED_DNS_PORT = 10_053

interface Member {
  readonly name: string
  readonly index: number
  readonly podCidr: Cidr
  readonly directory: string | undefined
  readonly nodeRuntime: NodeRuntime
  /** The runtime has come up; resolves to what is told of it. */
  readonly started: Promise<string>
}

/** The nodes of this machine, with what serves them all: service rules and DNS. */
export class ClusterNodes {
  readonly #options: ClusterOptions
  readonly #members: readonly Member[]
  readonly #hasOwnNetwork: boolean
  readonly #networks: Promise<void>
  readonly #nodes = new Map<string, ClusterNode>()
  readonly #isSimulated: boolean
  readonly #stop = new AbortController()

  /** Begins to start the runtimes and networks at once: the API server need not be up for that. */
  constructor(options: ClusterOptions, choice: RuntimeChoice) {
    const { nodes, nodeName, dataDirectory } = options
    this.#options = options
    this.#hasOwnNetwork = choice.type === 'containerd'
    this.#isSimulated = choice.type === 'simulated'
    this.#members = Array.from({ length: nodes }, (_, index) => {
      const name = nodeNameAt(nodeName, index)
      const directory =
        dataDirectory === undefined ? undefined : join(nodesDirectory(dataDirectory), name)
      const podCidr = podCidrAt(index, nodes)
      const nodeRuntime = createNodeRuntime(choice, { index, podCidr, directory }, options)
      const started = this.#startRuntime(choice, nodeRuntime, directory)
      started.catch(() => {}) // Whoever awaits it later gets the reason.
      return { name, index, podCidr, directory, nodeRuntime, started }
    })
    this.#networks = this.#setUpNetworks()
    this.#networks.catch(() => {})
  }

  /**
   * Where pods reach the API server and DNS: our bridge, or the machine's own address where another
   * runtime has networks of its own; undefined where no pod is real.
   */
  async gateway(): Promise<string | undefined> {
    if (this.#isSimulated) return undefined
    if (!this.#hasOwnNetwork) return primaryAddress(this.#options.files)
    await this.#networks
    return GATEWAY
  }

  get names(): readonly string[] {
    return this.#members.map(({ name }) => name)
  }

  /** Brings up kubelets, service rules and DNS as components of a group. */
  async start(
    controlPlane: ControlPlane,
    group: ComponentGroup,
    sharedInformers: Informers,
    certificates: ClusterCertificates,
  ): Promise<void> {
    const { clock, random, exec, files, logger } = this.#options
    const address = await primaryAddress(files)
    const network = this.#isSimulated ? new SimulatedProbeNetwork() : new SystemProbeNetwork(clock)
    const hostResolver = await this.#hostResolver()
    const gateway = await this.gateway()
    if (gateway !== undefined) {
      this.#startServices(controlPlane, group, sharedInformers, { address, gateway })
    }
    await Promise.all(
      this.#members.map(async ({ started, ...member }) => {
        await timed(
          this.#options,
          `runtime of ${member.name}`,
          () => started,
          (text) => text,
        )
        const node = new ClusterNode({
          ...{ ...member, address, sharedInformers },
          ...{ network, hostResolver, certificates, clock, random, exec, files, logger },
          client: controlPlane.clientFor(nodeIdentity(member.name)),
        })
        this.#nodes.set(member.name, node)
        group.start(node)
      }),
    )
  }

  /** How the API server reaches kubelets: those of simulated nodes listen on demand only. */
  kubeletTransport(overHttps: KubeletTransport): KubeletTransport {
    if (!this.#isSimulated) return overHttps
    return new SimulatedKubelets(overHttps, this.#nodes, this.#stop.signal)
  }

  /** Resolves when all nodes are Ready; ends early, too, when the signal aborts. */
  async ready(informers: Informers, signal: AbortSignal): Promise<void> {
    const waiting = new Set(this.names)
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
      const handler = informers.for(Node).onEvent(({ object }) => {
        if (!isConditionTrue(object.status.conditions ?? [], 'Ready')) return
        waiting.delete(object.metadata.name)
        if (waiting.size > 0) return
        resolve()
        queueMicrotask(() => handler[Symbol.dispose]())
      })
    })
  }

  /** Makes an archive's images available on every node with a containerd of ours. */
  async loadImages(archive: string): Promise<readonly object[]> {
    const hosts = this.#hosts()
    const loaded = await Promise.all(hosts.map((host) => host.loadImages(archive)))
    return loaded[0] ?? []
  }

  async listImages(): Promise<readonly object[]> {
    const [first] = this.#members
    const images = (await first?.nodeRuntime.runtime.listImages()) ?? []
    return images.flatMap(({ id, repoTags, size }) =>
      repoTags.map((reference) => ({ reference, id, sizeBytes: Number(size) })),
    )
  }

  /** Ends the runtimes; containers go on. Kubelets must have stopped before. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(
      this.#members.map(async ({ nodeRuntime, started }) => {
        await started.catch(() => {})
        await nodeRuntime.stop()
      }),
    )
  }

  #hosts() {
    const hosts = this.#members.flatMap(({ nodeRuntime }) => nodeRuntime.host ?? [])
    if (hosts.length === 0) throw new Error('images can be loaded into real containerd nodes only')
    return hosts
  }

  /** What it is goes on record first, so that a start that is cut off can be cleaned up. */
  async #startRuntime(
    choice: RuntimeChoice,
    nodeRuntime: NodeRuntime,
    directory: string | undefined,
  ): Promise<string> {
    if (directory !== undefined) {
      await recordRuntimeChoice(directory, choice, this.#options.files)
    }
    return nodeRuntime.start()
  }

  async #setUpNetworks(): Promise<void> {
    if (!this.#hasOwnNetwork) return
    for (const { index } of this.#members) await nodeNetworkAt(index, this.#options).setUp()
  }

  #startServices(
    controlPlane: ControlPlane,
    group: ComponentGroup,
    informers: Informers,
    { address, gateway }: { readonly address: string; readonly gateway: string },
  ): void {
    const { exec, files, clock, logger, nodeName, nodes } = this.#options
    group.start(
      new KubeProxy({
        ...{ informers, clock, logger, nodeName },
        nft: systemNft(exec),
        table: SERVICE_TABLE,
        family: 'ip',
        // The ranges of another runtime's networks are its own affair.
        clusterCIDR: this.#hasOwnNetwork ? clusterCidrFor(nodes) : undefined,
        nodeIPs: [address],
      }),
    )
    group.start(
      new ClusterDns({
        ...{ informers, files, clock, logger },
        zone: CLUSTER_DOMAIN,
        address: gateway,
        port: this.#hasOwnNetwork ? DNS_PORT : SHARED_DNS_PORT,
        clusterIP: DNS_ADDRESS,
        resolvConf: RESOLV_CONF,
        client: controlPlane.clientFor(IDENTITIES.apiServer),
      }),
    )
  }

  async #hostResolver() {
    const { files } = this.#options
    if ((await files.stat(RESOLV_CONF)) === undefined) return NO_SETTINGS
    return parseResolvConf(Buffer.from(await files.readFile(RESOLV_CONF)).toString())
  }
}
