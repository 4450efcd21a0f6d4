import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { type FileSystem, writeFileAtomically } from '../../base/file-system.ts'
import type { Random } from '../../base/random.ts'
import { type CertificateRequest, isUsable, type KeyPair } from './certificate.ts'
import type { CertificateAuthority } from './certificate-authority.ts'

/** Where keys are kept: a folder that only its owner may read, or memory. */
export interface KeyStore {
  read(name: string): Promise<string | undefined>
  write(name: string, content: string): Promise<void>
}

/** Keeps keys as files with mode 0600, each replaced in one step. */
export function keyStoreIn(folder: string, files: FileSystem): KeyStore {
  return {
    async read(name) {
      const path = join(folder, name)
      if ((await files.stat(path)) === undefined) return undefined
      return Buffer.from(await files.readFile(path)).toString()
    },
    async write(name, content) {
      await files.mkdir(folder, 0o700)
      await writeFileAtomically(files, join(folder, name), content)
    },
  }
}

export function keyStoreInMemory(): KeyStore {
  const kept = new Map<string, string>()
  return {
    read: async (name) => kept.get(name),
    write: async (name, content) => void kept.set(name, content),
  }
}

/** The certificates of one cluster: made at its first start, renewed when they near their end. */
export class ClusterCertificates {
  /** The authority's certificate, PEM. */
  readonly authority: string
  /** The private key, as PEM, that signs service account tokens. */
  readonly serviceAccountKey: string
  readonly #options: CertificateOptions
  readonly #authorityKey: string
  #issuer: Promise<CertificateAuthority> | undefined

  private constructor(authority: KeyPair, serviceAccountKey: string, options: CertificateOptions) {
    this.authority = authority.certificate
    this.#authorityKey = authority.key
    this.serviceAccountKey = serviceAccountKey
    this.#options = options
  }

  static async open(store: KeyStore, clock: Clock, random: Random): Promise<ClusterCertificates> {
    const options = { store, clock, random }
    const authority = await ensureAuthority('ca', 'wherry-ca', options)
    let key = await store.read('service-account.key')
    if (key === undefined) {
      key = await (await signing()).createSigningKey()
      await store.write('service-account.key', key)
    }
    return new ClusterCertificates(authority, key, options)
  }

  /** The kept certificate of this name if it still fits the request, else a new one. */
  async ensure(name: string, request: CertificateRequest): Promise<KeyPair> {
    const load = () => this.#loadIssuer()
    return ensureIssued(name, request, this.authority, load, this.#options)
  }

  /** A certificate, PEM, for a signing request (DER); see `CertificateAuthority.sign`. */
  async sign(der: Uint8Array, usages: readonly string[], ttlMs: number): Promise<string> {
    return (await this.#loadIssuer()).sign(der, usages, ttlMs)
  }

  #loadIssuer(): Promise<CertificateAuthority> {
    const pair = { certificate: this.authority, key: this.#authorityKey }
    this.#issuer ??= loadAuthority(pair, this.#options)
    return this.#issuer
  }
}

/** Where certificates are kept, and what making them takes. */
export interface CertificateOptions {
  readonly store: KeyStore
  readonly clock: Clock
  readonly random: Random
}

/** Loaded only to sign something, since most starts sign nothing and it takes a while. */
function signing() {
  return import('./certificate-authority.ts')
}

/** The kept authority of this name, else a new one. */
export async function ensureAuthority(
  name: string,
  commonName: string,
  { store, clock, random }: CertificateOptions,
): Promise<KeyPair> {
  const kept = await readPair(store, name)
  if (kept !== undefined) return kept
  const { CertificateAuthority } = await signing()
  const authority = await CertificateAuthority.create(commonName, clock, random)
  await writePair(store, name, authority)
  return authority
}

/** The kept certificate of this name if it is of this authority and fits, else a new one. */
export function ensurePair(
  name: string,
  request: CertificateRequest,
  authority: KeyPair,
  options: CertificateOptions,
): Promise<KeyPair> {
  const load = () => loadAuthority(authority, options)
  return ensureIssued(name, request, authority.certificate, load, options)
}

async function ensureIssued(
  name: string,
  request: CertificateRequest,
  authority: string,
  load: () => Promise<CertificateAuthority>,
  { store, clock }: CertificateOptions,
): Promise<KeyPair> {
  const kept = await readPair(store, name)
  if (kept !== undefined && isUsable(kept, request, authority, clock.now())) return kept
  const pair = await (await load()).issue(request)
  await writePair(store, name, pair)
  return pair
}

async function loadAuthority(
  pair: KeyPair,
  { clock, random }: CertificateOptions,
): Promise<CertificateAuthority> {
  const { CertificateAuthority } = await signing()
  return CertificateAuthority.load(pair, clock, random)
}

async function readPair(store: KeyStore, name: string): Promise<KeyPair | undefined> {
  const certificate = await store.read(`${name}.crt`)
  const key = await store.read(`${name}.key`)
  return certificate === undefined || key === undefined ? undefined : { certificate, key }
}

/** The certificate last: a start that was cut off before it makes a new pair. */
async function writePair(store: KeyStore, name: string, pair: KeyPair): Promise<void> {
  await store.write(`${name}.key`, pair.key)
  await store.write(`${name}.crt`, pair.certificate)
}
