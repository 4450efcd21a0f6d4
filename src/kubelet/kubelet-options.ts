import type { Clock } from '../base/clock.ts'
import type { FileSystem } from '../base/file-system.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Informers } from '../client/lister.ts'
import type { ContainerRuntime } from '../cri/container-runtime.ts'
import type { Node } from '../kinds/core/v1/node.ts'
import type { ClusterDns } from './dns/pod-dns.ts'
import type { ResolverSettings } from './dns/resolv-conf.ts'
import type { LogFiles } from './logs/log-files.ts'
import type { Machine } from './node/machine.ts'
import type { PressureThresholds } from './node/node-conditions.ts'
import type { ProbeNetwork } from './probes/probe-network.ts'
import type { HostPaths } from './volumes/host-paths.ts'
import type { Mounter } from './volumes/mounter.ts'

/** Where pods' files are kept. */
export interface KubeletDisk {
  readonly files: FileSystem
  readonly paths: HostPaths
  readonly mounter: Mounter
  /** Pods are below `<root>/pods/<uid>`; upstream's is /var/lib/kubelet. */
  readonly rootDirectory: string
  /** Upstream's is /var/log/pods. */
  readonly logRoot: string
}

/** Everything that a kubelet is given. */
export interface KubeletOptions {
  readonly nodeName: string
  /** The node's addresses, the primary first. */
  readonly nodeIps: readonly string[]
  /** Under the identity `system:node:<name>`. */
  readonly client: Client
  /** Of that client; the kubelet asks for its pods, its node and all services. */
  readonly informers: Informers
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly runtime: ContainerRuntime
  readonly machine: Machine
  readonly network: ProbeNetwork
  readonly logFiles: LogFiles
  /** Absent for simulated nodes: then pods have no files. */
  readonly disk?: KubeletDisk | undefined
  /** Where a simulated runtime writes logs; without it, it writes none. Not needed with a disk. */
  readonly logs?: { readonly files: FileSystem; readonly root: string } | undefined
  readonly clusterDns: ClusterDns
  /** What the node's own resolver is told. */
  readonly hostResolver: ResolverSettings
  /** Of the kubelet's server, for the node's status; 0 where it has none. */
  readonly port: number
  readonly maxPods?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly taints?: NonNullable<Node['spec']['taints']> | undefined
  readonly thresholds?: PressureThresholds | undefined
  /** The ranges of the node's pods are known: the network can be set up. */
  readonly onPodCidr?: ((podCidrs: readonly string[]) => Promise<void>) | undefined
}
