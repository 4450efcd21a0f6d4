import { stringifyJson } from '../../base/json.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Servers } from './counted-servers.ts'

/** Upstream's keys and times, so that its servers and ours can share a store. */
const PREFIX = '/registry/masterleases/'
const TTL_SECONDS = 15

/**
 * Which API servers are alive, by the addresses that pods know them by: each keeps a key that goes
 * when the server does not renew it.
 */
export class EndpointLeases implements Servers {
  readonly #storage: Storage
  #generation = 0

  constructor(storage: Storage) {
    this.#storage = storage
  }

  /** The server at this address is alive. */
  async renew(address: string): Promise<void> {
    const value = {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { generation: ++this.#generation },
      subsets: [{ addresses: [{ ip: address }] }],
    }
    const bytes = Buffer.from(stringifyJson(value))
    await this.#storage.put(`${PREFIX}${address}`, bytes, { ttlSeconds: TTL_SECONDS })
  }

  /** The server at this address ends. */
  async remove(address: string): Promise<void> {
    await this.#storage.delete(`${PREFIX}${address}`)
  }

  /** All that are alive, sorted. The keys say it: upstream's values may be in protobuf. */
  async list(): Promise<readonly string[]> {
    const { items } = await this.#storage.list(PREFIX)
    return items.map(({ key }) => key.slice(PREFIX.length)).toSorted()
  }
}
