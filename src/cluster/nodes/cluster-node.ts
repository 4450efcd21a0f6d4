import type { Clock } from '../../base/clock.ts'
import type { Exec } from '../../base/exec.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { Component } from '../../base/lifetime.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { ClientEventRecorder } from '../../client/event-sender.ts'
import { SharedInformers } from '../../client/informers.ts'
import type { Informers } from '../../client/lister.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import type { ResolverSettings } from '../../kubelet/dns/resolv-conf.ts'
import { Kubelet } from '../../kubelet/kubelet.ts'
import type { KubeletDisk } from '../../kubelet/kubelet-options.ts'
import { systemLogFiles } from '../../kubelet/logs/log-files.ts'
import { type Machine, SystemMachine, simulatedMachine } from '../../kubelet/node/machine.ts'
import type { ProbeNetwork } from '../../kubelet/probes/probe-network.ts'
import { KubeletServer } from '../../kubelet/server/kubelet-server.ts'
import { systemHostPaths } from '../../kubelet/volumes/host-paths.ts'
import { SystemMounter } from '../../kubelet/volumes/mounter.ts'
import { isReason } from '../../machinery/status-error.ts'
import { type Cidr, formatCidr } from '../../network/cidr.ts'
import type { ClusterCertificates } from '../certificates/cluster-certificates.ts'
import { CLUSTER_DOMAIN, DNS_ADDRESS } from '../cluster-options.ts'
import { NodeInformers } from './node-informers.ts'
import { kubeletDirectory, logsDirectory, type NodeRuntime } from './node-runtime.ts'

export interface ClusterNodeOptions {
  readonly name: string
  readonly index: number
  /** Of its pods. */
  readonly podCidr: Cidr
  readonly address: string
  /** The folder of the node's files; only simulated nodes can do without. */
  readonly directory: string | undefined
  readonly nodeRuntime: NodeRuntime
  /** Under the node's own identity. */
  readonly client: Client
  /** Of the process, for what every node reads whole. */
  readonly sharedInformers: Informers
  readonly network: ProbeNetwork
  readonly hostResolver: ResolverSettings
  readonly certificates: ClusterCertificates
  readonly clock: Clock
  readonly random: Random
  readonly exec: Exec
  readonly files: FileSystem
  readonly logger: Logger
}

/** Upstream's port; further nodes of the machine have the next ones. */
const KUBELET_PORT = 10_250

/** A node of this process: its kubelet with all that a kubelet is given. */
export class ClusterNode implements Component {
  readonly name: string
  readonly #options: ClusterNodeOptions
  readonly #kubelet: Kubelet
  readonly #machine: Machine
  readonly #port: number
  readonly #informers: SharedInformers
  readonly #recorder: ClientEventRecorder

  constructor(options: ClusterNodeOptions) {
    const { name, client, clock, random, logger, address, nodeRuntime } = options
    const { files, directory, network, hostResolver, sharedInformers, index } = options
    this.name = name
    // A simulated node's server listens when somebody wants it, wherever there is room.
    this.#port = nodeRuntime.isReal ? KUBELET_PORT + index : 0
    this.#options = options
    this.#informers = new SharedInformers({ client, clock, random, logger })
    this.#recorder = new ClientEventRecorder({
      ...{ client, clock, logger },
      component: 'kubelet',
      host: name,
    })
    const isReal = nodeRuntime.isReal && directory !== undefined
    this.#machine = isReal ? new SystemMachine(files, directory) : simulatedMachine(name)
    this.#kubelet = new Kubelet({
      ...{ client, clock, random, logger, network, hostResolver },
      nodeName: name,
      nodeIps: [address],
      informers: new NodeInformers(this.#informers, sharedInformers),
      recorder: this.#recorder,
      runtime: nodeRuntime.runtime,
      machine: this.#machine,
      logFiles: systemLogFiles,
      disk: isReal ? this.#disk(directory) : undefined,
      logs: directory === undefined ? undefined : { files, root: logsDirectory(directory) },
      clusterDns: { servers: [DNS_ADDRESS], domain: CLUSTER_DOMAIN },
      port: this.#port,
    })
  }

  /** The server for logs, exec and the like; the node's address where it is real. */
  createServer(): KubeletServer {
    const { name, address, client, clock, logger, nodeRuntime, certificates } = this.#options
    return new KubeletServer({
      ...{ client, clock, logger },
      kubelet: this.#kubelet,
      nodeName: name,
      runtime: nodeRuntime.runtime,
      logFiles: systemLogFiles,
      machine: this.#machine,
      address: nodeRuntime.isReal ? address : '127.0.0.1',
      port: this.#port,
      servingCertificate: () =>
        certificates.ensure(`kubelet-${name}`, {
          commonName: `system:node:${name}`,
          organizations: ['system:nodes'],
          hosts: [name, address, '127.0.0.1'],
          usages: ['server'],
        }),
      clientAuthorities: certificates.authority,
    })
  }

  async run(signal: AbortSignal): Promise<void> {
    const { files, nodeRuntime, directory } = this.#options
    using _recorder = this.#recorder
    if (directory !== undefined) await files.mkdir(kubeletDirectory(directory), 0o750)
    await this.#ensureNode()
    const beside = [this.#informers.run(signal), nodeRuntime.keepRunning(signal)]
    if (nodeRuntime.isReal) beside.push(this.createServer().run(signal))
    await this.#kubelet.run(signal)
    await Promise.all(beside)
  }

  /**
   * Gives the node the range that its network has been set up with, before a controller could give
   * it another.
   */
  async #ensureNode(): Promise<void> {
    const { client, name, podCidr } = this.#options
    const podCIDR = formatCidr(podCidr)
    const labels = { 'kubernetes.io/hostname': name }
    const spec = { podCIDR, podCIDRs: [podCIDR] }
    try {
      await client.create(Node, { metadata: { name, labels }, spec })
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
    }
  }

  #disk(directory: string): KubeletDisk {
    const { files, exec } = this.#options
    return {
      files,
      paths: systemHostPaths,
      mounter: new SystemMounter(exec, files),
      rootDirectory: kubeletDirectory(directory),
      logRoot: logsDirectory(directory),
    }
  }
}
