import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { KeyPair } from '../../src/cluster/certificates/certificate.ts'
import { CertificateAuthority } from '../../src/cluster/certificates/certificate-authority.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

/** An authority that another one has signed, whose certificate says whether it may be one. */
export async function issueIntermediate(issuer: KeyPair, isAuthority = true): Promise<KeyPair> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const issuerKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(issuer.key),
    ALGORITHM,
    false,
    ['sign'],
  )
  const now = systemClock.now()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=intermediate ${now}`,
    issuer: new x509.X509Certificate(issuer.certificate).subject,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + DAY_MS),
    publicKey: keys.publicKey,
    signingKey: issuerKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(exported, 'PRIVATE KEY'),
  }
}

/** An authority that has signed itself. */
export function createRoot(): Promise<KeyPair> {
  return CertificateAuthority.create('root', systemClock, systemRandom)
}

/** A certificate of an authority for somebody. */
export async function issueBy(
  authority: KeyPair,
  commonName: string,
  usage: 'client' | 'server' = 'client',
): Promise<KeyPair> {
  const issuer = await CertificateAuthority.load(authority, systemClock, systemRandom)
  return issuer.issue({ commonName, usages: [usage] })
}
