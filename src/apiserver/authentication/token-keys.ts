import type { Eventual } from '../../base/eventual.ts'
import type { VerifyingKey } from './signing-keys.ts'

/** By which keys tokens are believed, which may change. */
export interface TokenKeys {
  /** Another one whenever a key may have come or gone. */
  readonly version: number
  /**
   * Those of an id, or all for a token that names none. A promise where somebody has to be asked.
   */
  find(id: string | undefined): Eventual<readonly VerifyingKey[]>
  /** Those that relying parties are told of. */
  readonly published: readonly VerifyingKey[]
  /** How long relying parties may keep them. */
  readonly maxAgeSeconds: number
}

/** Keys change with a restart alone. */
const MAX_AGE_SECONDS = 3600

/** The keys that a server was started with. */
export class FixedKeys implements TokenKeys {
  readonly version = 0
  readonly published: readonly VerifyingKey[]
  readonly maxAgeSeconds = MAX_AGE_SECONDS
  readonly #keys: readonly VerifyingKey[]

  constructor(keys: readonly VerifyingKey[]) {
    this.#keys = keys
    // A key that signs may be named among those that are believed, too.
    this.published = [...new Map(keys.map((key) => [key.id, key])).values()]
  }

  find(id: string | undefined): readonly VerifyingKey[] {
    return id === undefined ? this.#keys : this.#keys.filter((key) => key.id === id)
  }
}
