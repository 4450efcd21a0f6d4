import type { X509Certificate } from 'node:crypto'

/** Whether an authority has issued a certificate: by the names in both, and by its signature. */
export function hasIssued(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}
