import type { Storage } from '../../storage/storage.ts'

/** Items that no other server takes until they are released. */
export interface Reservation {
  release(): Promise<void>
}

/** Beside upstream's keys, which all begin with `/registry/`. */
const PREFIX = '/wherry/reservations/'
/** How long the items of a server that died in between stay taken. */
const RESERVED_SECONDS = 60
const NO_VALUE = new Uint8Array(0)
const NOTHING: Reservation = { release: async () => {} }

/**
 * Keeps two servers on one store from giving the same address or port to two services: whoever is
 * about to store one holds a key of its name. A store of this process alone needs none of it.
 */
export class Reservations {
  readonly #storage: Storage

  constructor(storage: Storage) {
    this.#storage = storage
  }

  /** All of the items, or undefined where another server is at one of them. */
  async take(items: readonly string[]): Promise<Reservation | undefined> {
    if (this.#storage.isShared !== true || items.length === 0) return NOTHING
    const taken = new Map<string, number>()
    const release = async () => {
      for (const [key, expectedModRevision] of taken) {
        await this.#storage.delete(key, { expectedModRevision })
      }
    }
    try {
      for (const item of items) {
        const options = { expectedModRevision: 0, ttlSeconds: RESERVED_SECONDS }
        const result = await this.#storage.put(`${PREFIX}${item}`, NO_VALUE, options)
        if (result.code === 'Conflict') {
          await release()
          return undefined
        }
        taken.set(result.keyValue.key, result.keyValue.modRevision)
      }
      return { release }
    } catch (error) {
      await release().catch(() => {}) // They expire; the first failure is the one to tell.
      throw error
    }
  }
}
