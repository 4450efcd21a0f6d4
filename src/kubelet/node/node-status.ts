import type { Image } from '../../cri/messages/image.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { MachineFacts } from './machine.ts'

/** The version of Kubernetes that this kubelet is. */
const KUBELET_VERSION = 'v1.36.2+wherry'

/** All that a node says of itself but its conditions. */
export interface NodeDescription {
  readonly name: string
  readonly addresses: readonly string[]
  readonly facts: MachineFacts
  readonly maxPods: number
  /** Of the kubelet's server; 0 where it has none. */
  readonly port: number
  /** Such as `containerd://1.6.20`. */
  readonly runtimeVersion: string
  readonly runtimeHandlers: readonly {
    readonly name: string
    readonly recursiveReadOnlyMounts: boolean
    readonly userNamespaces: boolean
  }[]
  readonly images: readonly Image[]
}

type NodeStatus = Node['status']

const MOST_IMAGES = 50
const MOST_NAMES = 5

/** The labels that tell where a pod may run. */
export function nodeLabels(name: string, facts: MachineFacts): Readonly<Record<string, string>> {
  const { operatingSystem, architecture } = facts
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': operatingSystem,
  }
}

function nodeCapacity(facts: MachineFacts, maxPods: number): Readonly<Record<string, string>> {
  return {
    cpu: `${facts.cpuCount}`,
    'ephemeral-storage': `${Math.floor(facts.ephemeralStorageBytes / 1024)}Ki`,
    memory: `${Math.floor(facts.memoryBytes / 1024)}Ki`,
    pods: `${maxPods}`,
  }
}

/** A node's status without its conditions. */
export function describeNode(description: NodeDescription): Omit<NodeStatus, 'conditions'> {
  const { name, facts, addresses, port, runtimeVersion } = description
  const capacity = nodeCapacity(facts, description.maxPods)
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      ...addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    nodeInfo: {
      machineID: facts.machineId,
      systemUUID: facts.systemUuid,
      bootID: facts.bootId,
      kernelVersion: facts.kernelVersion,
      osImage: facts.osImage,
      containerRuntimeVersion: runtimeVersion,
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      operatingSystem: facts.operatingSystem,
      architecture: facts.architecture,
    },
    images: describeImages(description.images),
    runtimeHandlers: description.runtimeHandlers.map((handler) => ({
      name: handler.name,
      features: {
        recursiveReadOnlyMounts: handler.recursiveReadOnlyMounts,
        userNamespaces: handler.userNamespaces,
      },
    })),
  }
}

/** The largest ones, since they are what makes a node worth choosing. */
function describeImages(images: readonly Image[]): NonNullable<NodeStatus['images']> {
  return images
    .toSorted((a, b) => b.size - a.size)
    .slice(0, MOST_IMAGES)
    .map(({ repoDigests, repoTags, size }) => ({
      names: [...repoDigests, ...repoTags].slice(0, MOST_NAMES),
      sizeBytes: size,
    }))
}
