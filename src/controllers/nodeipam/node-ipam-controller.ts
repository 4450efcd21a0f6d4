import type { Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer, InformerEvent } from '../../client/lister.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { CidrSet } from './cidr-set.ts'

export interface NodeIpamSettings {
  /** One range, or one of each family. */
  readonly clusterCidrs: readonly string[]
  /** Parts of the ranges that belong to services. */
  readonly serviceCidrs: readonly string[]
  /** The size of a node's part (upstream: 24 and 64). */
  readonly nodeMaskSize: { readonly ipv4: number; readonly ipv6: number }
}

/** Gives every node a part of the cluster's addresses for its pods. */
export class NodeIpamController implements Controller {
  readonly name = 'node-ipam-controller'
  readonly workers = 30
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #recorder: EventRecorder
  readonly #nodes: Informer<Node>
  readonly #sets: readonly CidrSet[]
  /** What nodes were given that the cache does not show yet. */
  readonly #given = new Map<string, readonly string[]>()

  constructor({ client, informers, recorder }: ControllerContext, settings: NodeIpamSettings) {
    this.#client = client
    this.#recorder = recorder
    const { clusterCidrs, serviceCidrs, nodeMaskSize } = settings
    this.#sets = clusterCidrs.map(
      (range) => new CidrSet(range, range.includes(':') ? nodeMaskSize.ipv6 : nodeMaskSize.ipv4),
    )
    for (const range of serviceCidrs) for (const set of this.#sets) set.occupy(range)
    this.#nodes = informers.for(Node)
    // All nodes that have a range are seen, and it is taken, before the first one is given out.
    this.watches = [watch(this.#nodes, (event) => this.#nodeChanged(event))]
  }

  async reconcile(name: string, logger: Logger): Promise<Result> {
    const node = this.#nodes.get(name)
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) return undefined
    if ((node.spec.podCIDRs ?? []).length > 0 || this.#given.has(name)) return undefined
    const podCIDRs = this.#allocate(node)
    try {
      const { uid } = node.metadata
      const patch = { metadata: { uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } }
      await this.#client.patch(Node, { name }, 'application/strategic-merge-patch+json', patch)
      logger.info('set pod addresses', { podCIDRs })
    } catch (error) {
      this.#giveBack(name, podCIDRs)
      if (isReason(error, 'NotFound')) return undefined
      this.#tell(node, 'CIDRAssignmentFailed')
      throw error
    }
    return undefined
  }

  #nodeChanged({ type, object: { metadata, spec } }: InformerEvent<Node>): readonly string[] {
    const { podCIDRs = [] } = spec
    const { name } = metadata
    if (type === 'DELETED') {
      this.#giveBack(name, this.#given.get(name) ?? podCIDRs)
      return []
    }
    if (podCIDRs.length === 0) return [name]
    // What the node has is its own, also where somebody else gave it.
    const given = this.#given.get(name)
    if (given !== undefined && given.join() !== podCIDRs.join()) this.#giveBack(name, given)
    this.#given.delete(name)
    for (const [index, cidr] of podCIDRs.entries()) this.#sets[index]?.occupy(cidr)
    return []
  }

  #allocate(node: Node): readonly string[] {
    const { name } = node.metadata
    const allocated: string[] = []
    for (const [index, set] of this.#sets.entries()) {
      const cidr = set.allocate()
      if (cidr === undefined) {
        this.#giveBack(name, allocated)
        this.#tell(node, 'CIDRNotAvailable')
        throw new Error(
          `failed to allocate cidr from cluster cidr at idx:${index}: no CIDR is free`,
        )
      }
      allocated.push(cidr)
    }
    this.#given.set(name, allocated)
    return allocated
  }

  #giveBack(name: string, cidrs: readonly string[]): void {
    this.#given.delete(name)
    for (const [index, cidr] of cidrs.entries()) this.#sets[index]?.release(cidr)
  }

  #tell(node: Node, reason: string): void {
    const message = `Node ${node.metadata.name} status is now: ${reason}`
    this.#recorder.event(node, 'Normal', reason, message)
  }
}
