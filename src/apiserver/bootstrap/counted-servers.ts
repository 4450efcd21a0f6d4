import type { Client } from '../../client/client.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { isReason } from '../../machinery/status-error.ts'

/** Which API servers are alive, by the addresses that pods know them by. */
export interface Servers {
  /** The server at this address is alive. */
  renew(address: string): Promise<void>
  /** The server at this address ends. */
  remove(address: string): Promise<void>
  /** All that are alive, sorted. */
  list(): Promise<readonly string[]>
}

/**
 * Servers of which only the count is known (upstream's `master-count`): each puts itself behind the
 * service `kubernetes`, and where they are too many, those go that stand after it. Whoever has died
 * stays until then.
 */
export class CountedServers implements Servers {
  readonly #client: Client
  readonly #count: number
  #own: string | undefined
  readonly #gone = new Set<string>()

  constructor(client: Client, count: number) {
    this.#client = client
    this.#count = count
  }

  async renew(address: string): Promise<void> {
    this.#own = address
    this.#gone.delete(address)
  }

  async remove(address: string): Promise<void> {
    this.#own = undefined
    this.#gone.add(address)
  }

  async list(): Promise<readonly string[]> {
    const present = (await this.#present()).filter((address) => !this.#gone.has(address))
    return this.#own === undefined ? present : withServer(present, this.#own, this.#count)
  }

  /** Of endpoints in another form than all servers write, nothing is kept. */
  async #present(): Promise<readonly string[]> {
    try {
      const key = { namespace: 'default', name: 'kubernetes' }
      const { subsets = [] } = await this.#client.get(Endpoints, key)
      return subsets.length === 1 ? (subsets[0]?.addresses ?? []).map(({ ip }) => ip) : []
    } catch (error) {
      if (isReason(error, 'NotFound')) return []
      throw error
    }
  }
}

/** The addresses with one's own: of too many, those after it go, from the end on to the first. */
export function withServer(
  present: readonly string[],
  own: string,
  count: number,
): readonly string[] {
  const addresses = [...new Set([...present, own])].toSorted()
  while (addresses.length > Math.max(count, 1)) {
    addresses.splice((addresses.indexOf(own) + 1) % addresses.length, 1)
  }
  return addresses
}
