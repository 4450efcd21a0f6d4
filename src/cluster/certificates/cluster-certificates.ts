import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { type FileSystem, writeFileAtomically } from '../../base/file-system.ts'
import type { Random } from '../../base/random.ts'
import {
  CertificateAuthority,
  type CertificateRequest,
  createSigningKey,
  isUsable,
  type KeyPair,
} from './certificate-authority.ts'

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
  readonly authority: CertificateAuthority
  /** The private key, as PEM, that signs service account tokens. */
  readonly serviceAccountKey: string
  readonly #store: KeyStore
  readonly #clock: Clock

  private constructor(
    authority: CertificateAuthority,
    serviceAccountKey: string,
    store: KeyStore,
    clock: Clock,
  ) {
    this.authority = authority
    this.serviceAccountKey = serviceAccountKey
    this.#store = store
    this.#clock = clock
  }

  static async open(store: KeyStore, clock: Clock, random: Random): Promise<ClusterCertificates> {
    const certificate = await store.read('ca.crt')
    const key = await store.read('ca.key')
    let authority: CertificateAuthority
    if (certificate !== undefined && key !== undefined) {
      authority = await CertificateAuthority.load({ certificate, key }, clock, random)
    } else {
      authority = await CertificateAuthority.create('wherry-ca', clock, random)
      // The certificate last: a start that was cut off before it makes a new pair.
      await store.write('ca.key', authority.key)
      await store.write('ca.crt', authority.certificate)
    }
    let serviceAccountKey = await store.read('service-account.key')
    if (serviceAccountKey === undefined) {
      serviceAccountKey = await createSigningKey()
      await store.write('service-account.key', serviceAccountKey)
    }
    return new ClusterCertificates(authority, serviceAccountKey, store, clock)
  }

  /** The kept certificate of this name if it still fits the request, else a new one. */
  async ensure(name: string, request: CertificateRequest): Promise<KeyPair> {
    const certificate = await this.#store.read(`${name}.crt`)
    const key = await this.#store.read(`${name}.key`)
    if (certificate !== undefined && key !== undefined) {
      const pair = { certificate, key }
      if (isUsable(pair, request, this.authority, this.#clock.now())) return pair
    }
    const pair = await this.authority.issue(request)
    await this.#store.write(`${name}.key`, pair.key)
    await this.#store.write(`${name}.crt`, pair.certificate)
    return pair
  }
}
