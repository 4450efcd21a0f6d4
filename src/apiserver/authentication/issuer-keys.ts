import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../../base/clock.ts'
import type { JwtSettings } from './authentication-configuration.ts'

/**
 * Reads a document by HTTPS; `authority` is who signs the server, as PEM, else the system's. With a
 * bearer token where one is given.
 */
export type FetchText = (
  url: string,
  authority: string | undefined,
  token?: string | undefined,
) => Promise<string>

/** An issuer that is away, or whose keys do not change, is not asked more often. */
const LEAST_INTERVAL_MS = 10_000

/**
 * The keys of an issuer of tokens, read anew on demand. Where they are is found out once, by OpenID
 * Connect Discovery.
 */
export class IssuerKeys {
  readonly #issuer: JwtSettings['issuer']
  readonly #fetch: FetchText
  readonly #clock: Clock
  #keysUrl: Promise<string> | undefined
  #keys: JSONWebKeySet | undefined
  #reading: Promise<JSONWebKeySet> | undefined
  /** Is told of each reading: the keys, or undefined where it failed. */
  onRead: ((keys: JSONWebKeySet | undefined) => void) | undefined
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(issuer: JwtSettings['issuer'], fetch: FetchText, clock: Clock) {
    this.#issuer = issuer
    this.#fetch = fetch
    this.#clock = clock
  }

  /** Resolves when it is known where the keys are; rejects where the issuer does not say so now. */
  async discovered(): Promise<void> {
    await this.#findKeys()
  }

  /** The keys as they were read last. Rejects where they never could be. */
  current(): Promise<JSONWebKeySet> {
    if (this.#keys !== undefined) return Promise.resolve(this.#keys)
    return this.newer() ?? Promise.reject(new Error('not read yet'))
  }

  /**
   * Newer keys than the current ones; undefined where it is too early to ask again. Until they are
   * there the current ones count: an issuer that is slow must not keep out who has a good token.
   */
  newer(): Promise<JSONWebKeySet> | undefined {
    if (this.#reading !== undefined) return this.#reading
    const now = this.#clock.monotonic()
    if (now - this.#askedAt < LEAST_INTERVAL_MS) return undefined
    this.#askedAt = now
    const reading = this.#read()
    this.#reading = reading
    reading.then(
      (keys) => this.#hasRead(keys),
      () => this.#hasRead(undefined),
    )
    return reading
  }

  #hasRead(keys: JSONWebKeySet | undefined): void {
    this.#reading = undefined
    this.#keys = keys ?? this.#keys
    this.onRead?.(keys)
  }

  async #read(): Promise<JSONWebKeySet> {
    const { keys } = asRecord(await this.#readJson(await this.#findKeys()))
    if (!Array.isArray(keys)) throw new Error('the key set has no keys')
    return { keys } as JSONWebKeySet
  }

  #findKeys(): Promise<string> {
    if (this.#keysUrl !== undefined) return this.#keysUrl
    const finding = this.#discover()
    this.#keysUrl = finding
    finding.catch(() => {
      if (this.#keysUrl === finding) this.#keysUrl = undefined
    })
    return finding
  }

  async #discover(): Promise<string> {
    const { url, discoveryURL } = this.#issuer
    const wellKnown = `${url.replace(/\/$/, '')}/.well-known/openid-configuration`
    const document = await this.#readJson(discoveryURL === '' ? wellKnown : discoveryURL)
    const { issuer, jwks_uri: keysUrl } = asRecord(document)
    if (issuer !== url) {
      const [wanted, got] = [url, issuer].map((one) => JSON.stringify(one))
      throw new Error(
        `issuer did not match the issuer returned by provider, expected ${wanted} got ${got}`,
      )
    }
    if (typeof keysUrl !== 'string') throw new Error('provider did not return JWKS URL')
    return keysUrl
  }

  async #readJson(url: string): Promise<unknown> {
    const { certificateAuthority } = this.#issuer
    const authority = certificateAuthority === '' ? undefined : certificateAuthority
    return JSON.parse(await this.#fetch(url, authority))
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new Error('the answer is no object')
  return value as Record<string, unknown>
}
