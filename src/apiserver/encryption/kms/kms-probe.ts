import { type Clock, pause } from '../../../base/clock.ts'
import { formatError, type Logger } from '../../../base/logger.ts'
import { type Random, randomBytes, uuid } from '../../../base/random.ts'
import { internalError } from '../../../machinery/status-error.ts'
import { cacheKeyOf, checkEncryptedObject, keyIdProblem, SOURCE_TYPE } from './encrypted-object.ts'
import { type KeyService, KeyServiceError, type KeyServiceStatus } from './key-service.ts'
import type { KmsMetrics } from './kms-metrics.ts'
import { type KmsState, keyIdHash } from './kms-state.ts'
import { SEED_BYTES, seededAesGcm } from './seeded-aes-gcm.ts'

export interface KmsProbeOptions {
  /** Of the provider. */
  readonly name: string
  readonly service: KeyService
  readonly metrics: KmsMetrics | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** How long writes go on while the plugin is ill. */
const WRITE_TTL_MS = 3 * 60_000
const HEALTHY_INTERVAL_MS = 60_000
const ILL_INTERVAL_MS = 10_000
/** Health checks come from everybody: an answer counts for so long. */
const HEALTHY_TTL_MS = 20_000
const ILL_TTL_MS = 3000
const VERSIONS = ['v2', 'v2beta1']

/**
 * Keeps the seed with which a provider writes: a new one whenever the plugin says that its key has
 * changed, and none at all once the plugin has been ill for too long (upstream's rules and times).
 */
export class KmsProbe {
  readonly #options: KmsProbeOptions
  #state: KmsState | undefined
  #version = ''
  #last: { readonly until: number; readonly error: Error | undefined } | undefined
  #checking: Promise<void> | undefined

  constructor(options: KmsProbeOptions) {
    this.#options = options
  }

  /** With what to write; reads do not care whether it has expired. Throws without one. */
  get state(): KmsState {
    if (this.#state === undefined) throw internalError('got unexpected nil transformer')
    return this.#state
  }

  get hasState(): boolean {
    return this.#state !== undefined
  }

  /** Rejects where the plugin is not well; asks it unless it has been asked just now. */
  async check(): Promise<void> {
    const last = this.#last
    if (last !== undefined && this.#options.clock.monotonic() < last.until) {
      if (last.error !== undefined) throw last.error
      return
    }
    this.#checking ??= this.#ask().finally(() => {
      this.#checking = undefined
    })
    return this.#checking
  }

  /** Asks again and again, sooner while the plugin is ill, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, name } = this.#options
    let isWell = this.hasState
    while (await pause(clock, isWell ? HEALTHY_INTERVAL_MS : ILL_INTERVAL_MS, signal)) {
      try {
        await this.check()
        isWell = true
      } catch (error) {
        isWell = false
        logger.error('a key management service is ill', { name, error: formatError(error) })
      }
    }
  }

  async #ask(): Promise<void> {
    const { clock } = this.#options
    let error: Error | undefined
    try {
      await this.#askOnce()
    } catch (cause) {
      error = cause as Error
    }
    const ttlMs = error === undefined ? HEALTHY_TTL_MS : ILL_TTL_MS
    // As upstream: who asks again meanwhile is told the service's own words.
    const known = error?.cause instanceof Error ? error.cause : error
    this.#last = { until: clock.monotonic() + ttlMs, error: known }
    if (error !== undefined) throw error
  }

  async #askOnce(): Promise<void> {
    const { name, service } = this.#options
    let status: KeyServiceStatus
    try {
      status = await service.status()
    } catch (cause) {
      const what = 'failed to perform status section of the healthz check for KMS Provider'
      throw new Error(`${what} ${name}, error: ${(cause as Error).message}`, { cause })
    }
    const problems = this.#problemsOf(status)
    const problem = keyIdProblem(status.keyId)
    if (problem === undefined) {
      this.#options.metrics?.observeStatus(name, status.keyId)
      const why = await this.#rotate(status.keyId)
      if (why !== undefined) problems.push(why)
    } else {
      this.#options.metrics?.countInvalidKeyId(name, problem.code)
      problems.push(`got invalid KMSv2 KeyID hash "${keyIdHash(status.keyId)}": ${problem.text}`)
    }
    if (problems.length === 0) return
    const text = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
    throw new Error(`kmsv2 Provider ${name} is not healthy, error: ${text}`)
  }

  #problemsOf({ healthz, version }: KeyServiceStatus): string[] {
    const problems: string[] = []
    if (healthz !== 'ok') problems.push(`got unexpected healthz status: ${healthz}`)
    if (!VERSIONS.includes(version)) {
      problems.push(`expected KMSv2 API version v2, got ${version}`)
      return problems
    }
    if (this.#version === '') this.#version = version
    if (this.#version !== version) {
      const what = 'KMSv2 API version should not change after the initial status response version'
      problems.push(`${what} ${this.#version}, got ${version}`)
    }
    return problems
  }

  /** Why there is no seed of this key; undefined when there is. */
  async #rotate(keyId: string): Promise<string | undefined> {
    const { clock, random } = this.#options
    const known = this.#state
    // From before the call: the time that writes go on without the plugin is a promise.
    const expiresAt = clock.now() + WRITE_TTL_MS
    if (known?.source.keyId === keyId) {
      this.#state = { ...known, expiresAt }
      return undefined
    }
    const uid = uuid(random)
    let failure = '<nil>'
    let made: KmsState | undefined
    try {
      made = await this.#generate(uid, expiresAt)
      if (made.source.keyId === keyId) {
        this.#state = made
        return undefined
      }
    } catch (error) {
      failure = error instanceof KeyServiceError ? '' : (error as Error).message
      if (failure === '') failure = `failed to encrypt DEK, error: ${(error as Error).message}`
    }
    const hash = (id: string | undefined) => `"${keyIdHash(id ?? '')}"`
    const state = known === undefined ? 'got unexpected nil transformer' : '<nil>'
    return (
      `failed to rotate DEK uid="${uid}", useSeed=true, errState=${state}, errGen=${failure}, ` +
      `statusKeyIDHash=${hash(keyId)}, encryptKeyIDHash=${hash(made?.source.keyId)}, ` +
      `stateKeyIDHash=${hash(known?.source.keyId)}`
    )
  }

  async #generate(uid: string, expiresAt: number): Promise<KmsState> {
    const { random, service } = this.#options
    const seed = randomBytes(random, SEED_BYTES)
    const source = await service.encrypt(seed, uid)
    const { ciphertext: encryptedDekSource, keyId, annotations } = source
    const sourceType = SOURCE_TYPE.seed
    const encryptedData = Uint8Array.of(0)
    checkEncryptedObject({
      ...{ encryptedData, encryptedDekSource, keyId, annotations },
      encryptedDekSourceType: sourceType,
    })
    const transformer = seededAesGcm(seed, random)
    return { transformer, source, sourceType, expiresAt, cacheKey: cacheKeyOf(sourceType, source) }
  }
}
