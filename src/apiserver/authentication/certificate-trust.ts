import { X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
/** id-kp-clientAuth and anyExtendedKeyUsage. */
const FOR_CLIENTS: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']

/** Judges client certificates by a bundle of authorities of its own, beside what TLS trusts. */
export class CertificateTrust {
  readonly #authorities: readonly X509Certificate[]
  readonly #clock: Clock

  /** `bundle`: PEM certificates, one at least. */
  constructor(bundle: string, clock: Clock) {
    this.#authorities = (bundle.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem))
    if (this.#authorities.length === 0) throw new Error('the bundle holds no certificate')
    this.#clock = clock
  }

  /** Why a certificate is not to be trusted, in Go's words; undefined for one that is. */
  refusalOf(leaf: X509Certificate): string | undefined {
    const now = this.#clock.now()
    if (now > Date.parse(leaf.validTo)) return 'x509: certificate has expired or is not yet valid'
    if (now < Date.parse(leaf.validFrom)) return 'x509: certificate has expired or is not yet valid'
    const isIssued = this.#authorities.some(
      (authority) =>
        authority.ca && leaf.checkIssued(authority) && leaf.verify(authority.publicKey),
    )
    if (!isIssued) return 'x509: certificate signed by unknown authority'
    const usages = leaf.keyUsage as readonly string[] | undefined
    if (usages !== undefined && !usages.some((usage) => FOR_CLIENTS.includes(usage))) {
      return 'x509: certificate specifies an incompatible key usage'
    }
    return undefined
  }
}
