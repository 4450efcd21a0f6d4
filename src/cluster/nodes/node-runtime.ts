import { join } from 'node:path'
import { assert } from '../../base/assert.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import { ContainerdHost } from '../../cri/containerd/containerd-host.ts'
import { systemDaemons } from '../../cri/containerd/daemons.ts'
import { parseRuntimeEndpoint } from '../../cri/grpc/endpoint.ts'
import { GrpcRuntime } from '../../cri/grpc/grpc-runtime.ts'
import { SimulatedRuntime } from '../../cri/simulated/simulated-runtime.ts'
import { type Cidr, formatCidr, parseCidr } from '../../network/cidr.ts'
import { NodeNetwork } from '../../network/node-network.ts'
import { type ClusterOptions, clusterCidrFor, type RuntimeChoice } from '../cluster-options.ts'
import { bridgeAt, podCidrAt } from './node-layout.ts'

/** What a node runs its containers with, and what that needs beside it. */
export interface NodeRuntime {
  readonly runtime: ContainerRuntime
  /** Of our own containerd; undefined for other runtimes. */
  readonly host: ContainerdHost | undefined
  /** True where containers are programs that have files and a network. */
  readonly isReal: boolean
  /** Brings it up; a live one is adopted with its containers. What was found, in a few words. */
  start(): Promise<string>
  /** Starts it again where it dies; ends when the signal aborts. */
  keepRunning(signal: AbortSignal): Promise<void>
  /** Ends what runs in this process and the daemon; containers go on. */
  stop(): Promise<void>
}

type Ports = Pick<ClusterOptions, 'files' | 'exec' | 'clock' | 'random' | 'logger'>

/** Where a node is among the nodes of this machine. */
export interface NodePlace {
  readonly index: number
  readonly podCidr: Cidr
  /** Of its files; without one it has none. */
  readonly directory: string | undefined
}

/** The runtime of a node. */
export function createNodeRuntime(
  choice: RuntimeChoice,
  place: NodePlace,
  ports: Ports,
): NodeRuntime {
  switch (choice.type) {
    case 'simulated':
      return simulated(place, ports)
    case 'endpoint':
      return foreign(choice.endpoint, ports)
    case 'containerd':
      return containerd(place, ports)
  }
}

/** Our own containerd in a node's folder. */
export function containerdHostIn(
  directory: string,
  { files, exec, clock, logger }: Omit<Ports, 'random'>,
): ContainerdHost {
  return new ContainerdHost({
    dataDirectory: directory,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    ...{ files, exec, clock, logger },
    daemons: systemDaemons,
  })
}

/**
 * The network of the pods of the n-th real node; there are never more than the range has room for.
 */
export function nodeNetworkAt(index: number, { exec, files }: Pick<Ports, 'exec' | 'files'>) {
  return new NodeNetwork({
    bridge: bridgeAt(index),
    podCIDR: podCidrAt(index, 1),
    clusterCIDR: parseCidr(clusterCidrFor(1)),
    ...{ exec, files },
  })
}

function containerd({ index, podCidr, directory }: NodePlace, ports: Ports): NodeRuntime {
  assert(directory !== undefined, 'containerd needs a directory')
  const host = containerdHostIn(directory, ports)
  return {
    runtime: host.runtime,
    host,
    isReal: true,
    async start() {
      const isAdopted = await host.start()
      await host.configureNetwork({
        podCidr: formatCidr(podCidr),
        bridge: bridgeAt(index),
        // The node's own rule does it, without iptables.
        masquerade: false,
        hostPorts: true,
      })
      const { runtimeName, runtimeVersion } = await host.runtime.version()
      return `${runtimeName} ${runtimeVersion}${isAdopted ? ', adopted' : ''}`
    },
    keepRunning: (signal) => host.keepRunning(signal),
    stop: () => host.stop(),
  }
}

function foreign(endpoint: string, { clock, logger }: Ports): NodeRuntime {
  const socketPath = parseRuntimeEndpoint(endpoint)
  const runtime = new GrpcRuntime({ socketPath, clock, logger })
  return {
    runtime,
    host: undefined,
    isReal: true,
    async start() {
      const { runtimeName, runtimeVersion } = await runtime.version()
      return `${runtimeName} ${runtimeVersion} at ${endpoint}`
    },
    keepRunning: async () => {},
    stop: async () => runtime.close(),
  }
}

function simulated({ podCidr, directory }: NodePlace, ports: Ports): NodeRuntime {
  const { clock, random, files } = ports
  const logs = directory === undefined ? {} : { files }
  const runtime = new SimulatedRuntime({
    ...{ clock, random, podCidr: formatCidr(podCidr), ...logs },
    // Of probes and lifecycle hooks: what is simulated is well.
    exec: () => ({ exitCode: 0 }),
  })
  return {
    runtime,
    host: undefined,
    isReal: false,
    start: async () => 'simulated',
    keepRunning: async () => {},
    stop: async () => {},
  }
}

/** The folder of a node's kubelet. */
export function kubeletDirectory(nodeDirectory: string): string {
  return join(nodeDirectory, 'kubelet')
}

/** The folder of the logs of a node's containers. */
export function logsDirectory(nodeDirectory: string): string {
  return join(nodeDirectory, 'logs')
}
