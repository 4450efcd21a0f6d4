import { createHash } from 'node:crypto'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../../base/clock.ts'
import { keyIdHash } from './kms-state.ts'

const NAMESPACE = 'apiserver_envelope_encryption'
/** From 0.1 ms to 52 s, each twice the one before. */
const BUCKETS = Array.from({ length: 20 }, (_, power) => 0.0001 * 2 ** power)
const KEY_LABELS = ['transformation_type', 'provider_name', 'key_id_hash', 'apiserver_id_hash']

/** What is asked of key management services, under upstream's names. */
export class KmsMetrics {
  readonly #clock: Clock
  readonly #serverHash: string
  readonly #calls: Histogram
  readonly #uses: Counter
  readonly #lastUses: Gauge
  readonly #lastStatuses: Gauge
  readonly #invalid: Counter
  readonly #cacheSizes: Gauge
  readonly #misses: Counter
  /** Looked up once: every read and write comes by here. */
  readonly #children = new Map<string, () => void>()

  /** `serverId` tells this API server from others that share its store. */
  constructor(registry: Registry, clock: Clock, serverId: string) {
    const registers = [registry]
    this.#clock = clock
    this.#serverHash = `sha256:${createHash('sha256').update(serverId).digest('hex')}`
    this.#calls = new Histogram({
      name: `${NAMESPACE}_kms_operations_latency_seconds`,
      help: 'How long calls of key management services took, by their gRPC code.',
      labelNames: ['provider_name', 'method_name', 'grpc_status_code'],
      buckets: BUCKETS,
      registers,
    })
    this.#uses = new Counter({
      name: `${NAMESPACE}_key_id_hash_total`,
      help: 'How often a key was used, by what for.',
      labelNames: KEY_LABELS,
      registers,
    })
    this.#lastUses = new Gauge({
      name: `${NAMESPACE}_key_id_hash_last_timestamp_seconds`,
      help: 'When a key was used last.',
      labelNames: KEY_LABELS,
      registers,
    })
    this.#lastStatuses = new Gauge({
      name: `${NAMESPACE}_key_id_hash_status_last_timestamp_seconds`,
      help: 'When a service has named a key as its own last.',
      labelNames: KEY_LABELS.slice(1),
      registers,
    })
    this.#invalid = new Counter({
      name: `${NAMESPACE}_invalid_key_id_from_status_total`,
      help: 'How often a service has named a key that cannot be one.',
      labelNames: ['provider_name', 'error'],
      registers,
    })
    this.#cacheSizes = new Gauge({
      name: `${NAMESPACE}_dek_source_cache_size`,
      help: 'Keys that services have decrypted and that are known for now.',
      labelNames: ['provider_name'],
      registers,
    })
    this.#misses = new Counter({
      name: 'apiserver_storage_envelope_transformation_cache_misses_total',
      help: 'How often a service had to be asked for a key.',
      registers,
    })
  }

  observeCall(provider: string, method: string, code: string, seconds: number): void {
    const labels = { provider_name: provider, method_name: method, grpc_status_code: code }
    this.#calls.observe(labels, seconds)
  }

  countKeyId(what: 'from_storage' | 'to_storage', provider: string, keyId: string): void {
    const key = `${what} ${provider} ${keyId}`
    let count = this.#children.get(key)
    if (count === undefined) {
      const labels = {
        transformation_type: what,
        provider_name: provider,
        key_id_hash: keyIdHash(keyId),
        apiserver_id_hash: this.#serverHash,
      }
      const uses = this.#uses.labels(labels)
      const last = this.#lastUses.labels(labels)
      count = () => {
        uses.inc()
        last.set(this.#clock.now() / 1000)
      }
      this.#children.set(key, count)
    }
    count()
  }

  observeStatus(provider: string, keyId: string): void {
    const labels = {
      provider_name: provider,
      key_id_hash: keyIdHash(keyId),
      apiserver_id_hash: this.#serverHash,
    }
    this.#lastStatuses.set(labels, this.#clock.now() / 1000)
  }

  countInvalidKeyId(provider: string, error: string): void {
    this.#invalid.inc({ provider_name: provider, error })
  }

  setCacheSize(provider: string, size: number): void {
    this.#cacheSizes.set({ provider_name: provider }, size)
  }

  countMiss(): void {
    this.#misses.inc()
  }
}
