import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { KeyPair } from '../../src/cluster/certificates/certificate.ts'
import { CertificateAuthority } from '../../src/cluster/certificates/certificate-authority.ts'

/** Certificates for a server on loopback and for clients, real ones: TLS checks them. */
export interface TlsIdentities {
  readonly authority: string
  /** With the key by which it signs. */
  readonly authorityPair: KeyPair
  readonly server: KeyPair
  client(commonName: string, organizations?: readonly string[]): Promise<KeyPair>
}

/** A new authority and the certificate of a server at 127.0.0.1. */
export async function createTlsIdentities(): Promise<TlsIdentities> {
  const authority = await CertificateAuthority.create('test', systemClock, systemRandom)
  const server = await authority.issue({
    commonName: 'server',
    hosts: ['127.0.0.1', 'localhost'],
    usages: ['server'],
  })
  return {
    authority: authority.certificate,
    authorityPair: authority,
    server,
    client: (commonName, organizations = []) =>
      authority.issue({ commonName, organizations, usages: ['client'] }),
  }
}
