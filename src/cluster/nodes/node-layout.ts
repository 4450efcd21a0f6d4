import { join } from 'node:path'
import { addressAt, type Cidr, parseCidr, subnetAt } from '../../network/cidr.ts'
import { clusterCidrFor } from '../cluster-options.ts'

/** Each node has the addresses of one /24, as upstream's default. */
const NODE_PREFIX_LENGTH = 24

/** `name`, `name-2`, `name-3` ... */
export function nodeNameAt(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index + 1}`
}

/** Where the nodes of a cluster keep their files, a folder each. */
export function nodesDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'nodes')
}

/** The pod range of the n-th of so many nodes of this machine. */
export function podCidrAt(index: number, nodes: number): Cidr {
  return subnetAt(parseCidr(clusterCidrFor(nodes)), NODE_PREFIX_LENGTH, index)
}

/** The bridge of the n-th node. */
export function bridgeAt(index: number): string {
  return `wherry${index}`
}

/** The address of the first node's bridge: where pods reach the API server and DNS. */
export const GATEWAY = addressAt(podCidrAt(0, 1), 1)
