import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { Clock } from '../../base/clock.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import {
  type CertificateRequest,
  isAddress,
  type KeyPair,
  LEAF_LIFETIME_MS,
} from './certificate.ts'
import { extensionsOf, validityOf } from './sign-request.ts'

x509.cryptoProvider.set(webcrypto)

const DAY_MS = 86_400_000
/** As kubeadm. */
const AUTHORITY_LIFETIME_MS = 3650 * DAY_MS
/** A machine whose clock is slow must not refuse a new certificate. */
const BACKDATE_MS = 5 * 60_000

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Signs the certificates of a cluster: those of its servers and of its components. */
export class CertificateAuthority {
  readonly certificate: string
  readonly key: string
  readonly #issuer: x509.X509Certificate
  readonly #signingKey: webcrypto.CryptoKey
  readonly #clock: Clock
  readonly #random: Random

  private constructor(
    pair: KeyPair,
    signingKey: webcrypto.CryptoKey,
    clock: Clock,
    random: Random,
  ) {
    this.certificate = pair.certificate
    this.key = pair.key
    this.#issuer = new x509.X509Certificate(pair.certificate)
    this.#signingKey = signingKey
    this.#clock = clock
    this.#random = random
  }

  /** A new authority that signs itself. */
  static async create(
    commonName: string,
    clock: Clock,
    random: Random,
  ): Promise<CertificateAuthority> {
    const keys = await generateKeys()
    const now = clock.now()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(random),
      name: `CN=${commonName}`,
      notBefore: new Date(now - BACKDATE_MS),
      notAfter: new Date(now + AUTHORITY_LIFETIME_MS),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature |
            x509.KeyUsageFlags.keyEncipherment |
            x509.KeyUsageFlags.keyCertSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    const pair = { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) }
    return new CertificateAuthority(pair, keys.privateKey, clock, random)
  }

  /** The authority that `create` made and somebody has kept. */
  static async load(pair: KeyPair, clock: Clock, random: Random): Promise<CertificateAuthority> {
    const der = x509.PemConverter.decodeFirst(pair.key)
    const key = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign'])
    return new CertificateAuthority(pair, key, clock, random)
  }

  /** A new key and a certificate for it. */
  async issue(request: CertificateRequest): Promise<KeyPair> {
    const keys = await generateKeys()
    const now = this.#clock.now()
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(this.#random),
      subject: subjectOf(request),
      issuer: this.#issuer.subject,
      notBefore: new Date(now - BACKDATE_MS),
      notAfter: new Date(now + LEAF_LIFETIME_MS),
      publicKey: keys.publicKey,
      signingKey: this.#signingKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
          true,
        ),
        new x509.ExtendedKeyUsageExtension(request.usages.map(usageOid)),
        await x509.AuthorityKeyIdentifierExtension.create(this.#issuer.publicKey),
        ...alternativeNames(request.hosts ?? []),
      ],
    })
    return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) }
  }

  /**
   * A certificate, PEM, for the key and the subject of a signing request (DER), which must be
   * signed by its key. The usages are Kubernetes' words, such as `client auth`.
   */
  async sign(der: Uint8Array, usages: readonly string[], ttlMs: number): Promise<string> {
    const request = new x509.Pkcs10CertificateRequest(Uint8Array.from(der))
    if (!(await request.verify())) {
      throw new Error('unable to verify certificate request signature')
    }
    const authorityEnd = this.#issuer.notAfter.getTime()
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(this.#random),
      subject: request.subjectName,
      issuer: this.#issuer.subjectName,
      ...validityOf(ttlMs, this.#clock.now(), authorityEnd),
      publicKey: request.publicKey,
      signingKey: this.#signingKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        ...extensionsOf(request, usages),
        await x509.AuthorityKeyIdentifierExtension.create(this.#issuer.publicKey),
      ],
    })
    return `${certificate.toString('pem')}\n`
  }
}

/** A new P-256 key for signing service account tokens, as PKCS 8 PEM. */
export async function createSigningKey(): Promise<string> {
  return exportKey((await generateKeys()).privateKey)
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key)
  return x509.PemConverter.encode(der, 'PRIVATE KEY')
}

function subjectOf({ commonName, organizations = [] }: CertificateRequest): string {
  const groups = organizations.map((organization) => ({ O: [organization] }))
  return new x509.Name([...groups, { CN: [commonName] }]).toString()
}

function usageOid(usage: 'client' | 'server'): string {
  return usage === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth
}

function alternativeNames(hosts: readonly string[]): x509.Extension[] {
  if (hosts.length === 0) return []
  const names = hosts.map((value) => ({
    type: isAddress(value) ? ('ip' as const) : ('dns' as const),
    value,
  }))
  return [new x509.SubjectAlternativeNameExtension(names)]
}

/** Positive and at most 20 bytes, as RFC 5280 asks. */
function serialNumber(random: Random): string {
  const bytes = randomBytes(random, 16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return Buffer.from(bytes).toString('hex')
}
