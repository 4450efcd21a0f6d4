import type { Clock } from '../../../base/clock.ts'
import { type Random, uuid } from '../../../base/random.ts'
import { internalError } from '../../../machinery/status-error.ts'
import { aesGcm } from '../aes.ts'
import type { ReadValue, ValueTransformer } from '../value-transformer.ts'
import {
  cacheKeyOf,
  decodeEncryptedObject,
  type EncryptedObject,
  encodeEncryptedObject,
  keyOf,
  SOURCE_TYPE,
} from './encrypted-object.ts'
import { type KeyService, KeyServiceError } from './key-service.ts'
import type { KmsMetrics } from './kms-metrics.ts'
import type { KmsProbe } from './kms-probe.ts'
import { checkUsable } from './kms-state.ts'
import { seededAesGcm } from './seeded-aes-gcm.ts'

export interface KmsTransformerOptions {
  readonly name: string
  readonly service: KeyService
  readonly probe: KmsProbe
  readonly metrics: KmsMetrics | undefined
  readonly clock: Clock
  readonly random: Random
}

/** Keys that were decrypted are known for a day; there are few, one for each start of a server. */
const CACHE_TTL_MS = 24 * 60 * 60_000

interface CachedKey {
  readonly transformer: ValueTransformer
  readonly expiresAt: number
}

/**
 * Values encrypted with keys that a key management service has encrypted in its turn (KMS v2). What
 * this server writes needs no call; a value with a key that is not known yet must be `prepare`d.
 */
export class KmsTransformer implements ValueTransformer {
  readonly #options: KmsTransformerOptions
  readonly #keys = new Map<string, CachedKey>()
  /** Why a key was refused, for the values that were prepared meanwhile. */
  readonly #refused = new Map<string, Error>()
  readonly #pending = new Map<string, Promise<void>>()

  constructor(options: KmsTransformerOptions) {
    this.#options = options
  }

  /**
   * Gets the key of a value. Undefined where it is known, or nothing can be found out. Rejects
   * where the service may still give it later.
   */
  prepare(stored: Uint8Array): Promise<void> | undefined {
    let object: EncryptedObject
    try {
      object = decodeEncryptedObject(stored)
    } catch {
      return undefined // The reader will be told.
    }
    const id = cacheKeyOf(object.encryptedDekSourceType, keyOf(object))
    if (this.#known(id) !== undefined && this.#options.probe.hasState) return undefined
    let pending = this.#pending.get(id)
    if (pending === undefined) {
      pending = this.#fetch(id, object).finally(() => this.#pending.delete(id))
      this.#pending.set(id, pending)
    }
    return pending
  }

  read(stored: Uint8Array, storageKey: string): ReadValue {
    const { probe, name, metrics } = this.#options
    const object = decodeEncryptedObject(stored)
    const { source, sourceType } = probe.state
    const id = cacheKeyOf(object.encryptedDekSourceType, keyOf(object))
    const key = this.#known(id)
    if (key === undefined) throw this.#refused.get(id) ?? new Error('the key was not asked for')
    metrics?.countKeyId('from_storage', name, object.keyId)
    const { value, isStale } = key.transformer.read(object.encryptedData, storageKey)
    const isOfThisKey =
      object.keyId === source.keyId && object.encryptedDekSourceType === sourceType
    return { value, isStale: isStale || !isOfThisKey }
  }

  write(value: Uint8Array, storageKey: string): Uint8Array {
    const { probe, name, metrics, clock } = this.#options
    const { state } = probe
    checkUsable(state, clock.now())
    const { transformer, source, sourceType, cacheKey } = state
    if (!this.#keys.has(cacheKey)) this.#keep(cacheKey, transformer)
    metrics?.countKeyId('to_storage', name, source.keyId)
    return encodeEncryptedObject({
      encryptedData: transformer.write(value, storageKey),
      keyId: source.keyId,
      encryptedDekSource: source.ciphertext,
      annotations: source.annotations,
      encryptedDekSourceType: sourceType,
    })
  }

  /** The seed in use, which is another one whenever the service says that its key is. */
  way(): object | undefined {
    const { probe } = this.#options
    return probe.hasState ? probe.state.source : undefined
  }

  #known(id: string): CachedKey | undefined {
    const key = this.#keys.get(id)
    if (key === undefined || key.expiresAt > this.#options.clock.monotonic()) return key
    this.#keys.delete(id)
    return undefined
  }

  async #fetch(id: string, object: EncryptedObject): Promise<void> {
    const { service, metrics, random, probe } = this.#options
    // Without its state nobody can say what is stale: upstream reads nothing then, either.
    if (!probe.hasState) await probe.check().catch(asTransient)
    if (!probe.hasState) throw internalError('got unexpected nil transformer')
    if (this.#known(id) !== undefined) return
    metrics?.countMiss()
    this.#refused.delete(id)
    try {
      const plaintext = await service.decrypt(keyOf(object), uuid(random))
      const isSeed = object.encryptedDekSourceType === SOURCE_TYPE.seed
      this.#keep(id, isSeed ? seededAesGcm(plaintext, random) : aesGcm(plaintext, random))
    } catch (cause) {
      const why = new Error(`failed to decrypt DEK, error: ${(cause as Error).message}`, { cause })
      if (cause instanceof KeyServiceError && cause.isTransient) throw internalError(why.message)
      this.#refused.set(id, why)
    }
  }

  #keep(id: string, transformer: ValueTransformer): void {
    const { clock, metrics, name } = this.#options
    const now = clock.monotonic()
    for (const [known, { expiresAt }] of this.#keys) {
      if (expiresAt <= now) this.#keys.delete(known)
    }
    this.#keys.set(id, { transformer, expiresAt: now + CACHE_TTL_MS })
    metrics?.setCacheSize(name, this.#keys.size)
  }
}

function asTransient(error: unknown): never {
  throw internalError(error)
}
