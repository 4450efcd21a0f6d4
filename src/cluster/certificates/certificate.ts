import { X509Certificate } from 'node:crypto'
import { hasIssued } from '../../base/issued-certificate.ts'

/** A certificate with its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** What a certificate says of its holder. For a client: user name and groups. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organizations?: readonly string[]
  /** DNS names and IP addresses that a server answers to. */
  readonly hosts?: readonly string[]
  readonly usages: readonly ('client' | 'server')[]
}

/** As kubeadm: what an authority signs lives for a year. */
export const LEAF_LIFETIME_MS = 365 * 86_400_000

/** Whether a certificate is of this authority, not near its end, and says all that is asked. */
export function isUsable(
  { certificate }: KeyPair,
  request: CertificateRequest,
  authority: string,
  now: number,
): boolean {
  const leaf = new X509Certificate(certificate)
  const issuer = new X509Certificate(authority)
  if (!hasIssued(issuer, leaf)) return false
  if (Date.parse(leaf.validTo) - now < LEAF_LIFETIME_MS / 5) return false
  const { subject } = leaf.toLegacyObject() as unknown as {
    readonly subject: Readonly<Record<string, string | string[]>>
  }
  const groups = [subject['O'] ?? []].flat()
  const { organizations = [], hosts = [], commonName } = request
  if (subject['CN'] !== commonName || groups.join() !== organizations.join()) return false
  return hosts.every((host) =>
    isAddress(host) ? leaf.checkIP(host) !== undefined : leaf.checkHost(host) !== undefined,
  )
}

/** An IP address rather than a DNS name. */
export function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host)
}
