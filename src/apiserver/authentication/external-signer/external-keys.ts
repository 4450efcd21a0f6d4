import { type Clock, pause } from '../../../base/clock.ts'
import type { Eventual } from '../../../base/eventual.ts'
import { formatError, type Logger } from '../../../base/logger.ts'
import { VerifyingKey } from '../signing-keys.ts'
import type { TokenKeys } from '../token-keys.ts'
import type { ExternalSigner, FetchedKeys } from './external-signer.ts'
import type { ExternalSignerMetrics } from './external-signer-metrics.ts'

export interface ExternalKeysOptions {
  readonly signer: Pick<ExternalSigner, 'fetchKeys'>
  readonly metrics: ExternalSignerMetrics
  readonly clock: Clock
  readonly logger: Logger
}

/** After a failure; otherwise the signer says when. */
const RETRY_MS = 10_000
const MOST_ID_BYTES = 1024

/**
 * The keys of an external signer: fetched again when it says, and when a token names one that is
 * not known. When they cannot be fetched, the last ones stay in force (upstream's rules).
 */
export class ExternalKeys implements TokenKeys {
  readonly #options: ExternalKeysOptions
  #keys: readonly VerifyingKey[] = []
  #fingerprint = ''
  #refreshAt = 0
  #syncing: Promise<void> | undefined
  version = 0
  published: readonly VerifyingKey[] = []

  constructor(options: ExternalKeysOptions) {
    this.#options = options
  }

  get maxAgeSeconds(): number {
    return Math.max(0, Math.floor((this.#refreshAt - this.#options.clock.monotonic()) / 1000))
  }

  /** Before tokens are taken. */
  async fill(): Promise<void> {
    try {
      await this.#sync()
    } catch (cause) {
      throw new Error('while performing initial cache fill', { cause })
    }
  }

  find(id: string | undefined): Eventual<readonly VerifyingKey[]> {
    const found = this.#known(id)
    return found.length > 0 ? found : this.#findAnew(id)
  }

  /** Whether relying parties are told of the keys of an id, as far as they are known. */
  async isPublished(id: string): Promise<boolean> {
    const keys = await this.find(id)
    return keys.every((key) => this.published.includes(key))
  }

  /** Fetches them again and again until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    let waitMs = this.#refreshAt - clock.monotonic()
    while (await pause(clock, Math.max(0, waitMs), signal)) {
      try {
        await this.#sync()
        waitMs = this.#refreshAt - clock.monotonic()
      } catch (error) {
        waitMs = RETRY_MS
        logger.error('the keys of the external signer were not fetched; the last ones stay', {
          error: formatError(error),
        })
      }
    }
  }

  #known(id: string | undefined): readonly VerifyingKey[] {
    return id === undefined ? this.#keys : this.#keys.filter((key) => key.id === id)
  }

  async #findAnew(id: string | undefined): Promise<readonly VerifyingKey[]> {
    try {
      await this.#sync()
    } catch (error) {
      this.#options.logger.error('syncing keys failed', { error: formatError(error) })
      return []
    }
    return this.#known(id)
  }

  /** Whoever asks meanwhile waits for the same answer. */
  #sync(): Promise<void> {
    this.#syncing ??= this.#syncOnce().finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  async #syncOnce(): Promise<void> {
    const { signer, metrics, clock } = this.#options
    try {
      const fetched = await signer.fetchKeys().catch((cause: unknown) => {
        throw new Error('while getting externally supported jwt signing keys', { cause })
      })
      const { seconds, keys, published } = readKeys(fetched)
      metrics.countFetch()
      metrics.observeData(seconds)
      this.#refreshAt = clock.monotonic() + fetched.refreshHintSeconds * 1000
      const fingerprint = fingerprintOf(fetched)
      if (fingerprint === this.#fingerprint) return
      this.#fingerprint = fingerprint
      this.#keys = keys
      // Without any, relying parties keep what they were told last.
      if (published.length > 0) this.published = published
      this.version++
    } catch (cause) {
      metrics.countFetch(cause)
      throw new Error('while fetching token verification keys', { cause })
    }
  }
}

/** Throws in upstream's words for what a signer may not say. */
function readKeys({ keys: found, dataTimestamp, refreshHintSeconds }: FetchedKeys) {
  if (refreshHintSeconds <= 0) {
    throw new Error(`found invalid refresh hint (${refreshHintSeconds}s)`)
  }
  if (found.length === 0) throw new Error('found no keys')
  if (dataTimestamp === undefined) {
    throw new Error('invalid data timestamp: proto: invalid nil Timestamp')
  }
  const keys: VerifyingKey[] = []
  const published: VerifyingKey[] = []
  for (const { keyId, key: der, excludeFromOidcDiscovery } of found) {
    if (keyId === '' || Buffer.byteLength(keyId) > MOST_ID_BYTES) {
      throw new Error(`found invalid public key id ${JSON.stringify(keyId)}`)
    }
    if (der.length === 0) throw new Error('found empty public key')
    const key = parseKey(der, keyId)
    keys.push(key)
    if (!excludeFromOidcDiscovery) published.push(key)
  }
  return { keys, published, seconds: dataTimestamp.seconds + dataTimestamp.nanos / 1e9 }
}

function parseKey(der: Uint8Array, id: string): VerifyingKey {
  try {
    return VerifyingKey.fromDer(der, id)
  } catch (cause) {
    throw new Error('while parsing external public keys', { cause })
  }
}

/** Equal as long as nothing has changed. */
function fingerprintOf({ keys, dataTimestamp }: FetchedKeys): string {
  const parts = keys.map(({ keyId, key, excludeFromOidcDiscovery }) => [
    ...[keyId, excludeFromOidcDiscovery, Buffer.from(key).toString('base64')],
  ])
  return JSON.stringify([dataTimestamp?.seconds, dataTimestamp?.nanos, parts])
}
