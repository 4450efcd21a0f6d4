import { type Clock, formatMicroTime, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import { Lease } from '../../kinds/coordination/v1/lease.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { isReason } from '../../machinery/status-error.ts'

const NAMESPACE = 'kube-node-lease'
const LIFE_SECONDS = 40
const PERIOD_MS = 10_000
const RETRY_MS = 1000

/** Renews a node's lease: the sign of life that the node controller looks at. */
export class NodeLease {
  readonly #client: Client
  readonly #clock: Clock
  readonly #logger: Logger
  #lease: Lease | undefined

  constructor(options: {
    readonly client: Client
    readonly clock: Clock
    readonly logger: Logger
  }) {
    this.#client = options.client
    this.#clock = options.clock
    this.#logger = options.logger
  }

  /** Renews until the signal aborts. `node` must be registered. */
  async run(node: () => Node, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isRenewed = await this.#renew(node())
      await pause(this.#clock, isRenewed ? PERIOD_MS : RETRY_MS, signal)
    }
  }

  async #renew(node: Node): Promise<boolean> {
    try {
      this.#lease = await this.#write(node)
      return true
    } catch (error) {
      this.#lease = undefined // It may be gone, or another's: look at it first.
      this.#logger.info('renewing the node lease failed', { error: formatError(error) })
      return false
    }
  }

  async #write(node: Node): Promise<Lease> {
    const { name } = node.metadata
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: LIFE_SECONDS,
      renewTime: formatMicroTime(this.#clock.now()),
    }
    const current = this.#lease ?? (await this.#read(name))
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }]
    if (current === undefined) {
      const metadata = { name, namespace: NAMESPACE, ownerReferences }
      return this.#client.create(Lease, { metadata, spec })
    }
    const metadata = { ...current.metadata, ownerReferences }
    return this.#client.update(Lease, { ...current, metadata, spec: { ...current.spec, ...spec } })
  }

  async #read(name: string): Promise<Lease | undefined> {
    try {
      return await this.#client.get(Lease, { namespace: NAMESPACE, name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}
