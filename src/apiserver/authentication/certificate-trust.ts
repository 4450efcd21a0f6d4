import { X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
/** id-kp-clientAuth and anyExtendedKeyUsage. */
const FOR_CLIENTS: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']

/** Judges client certificates by a bundle of authorities of its own, beside what TLS trusts. */
export class CertificateTrust {
  #authorities: readonly X509Certificate[]
  readonly #clock: Clock
  /** Another number whenever the bundle is another one: what was judged before must be again. */
  generation = 0

  /** `bundle`: PEM certificates, one at least. */
  constructor(bundle: string, clock: Clock) {
    this.#authorities = authoritiesIn(bundle)
    this.#clock = clock
  }

  /** From now on this bundle counts. Throws, and changes nothing, where it holds no certificate. */
  update(bundle: string): void {
    this.#authorities = authoritiesIn(bundle)
    this.generation++
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

function authoritiesIn(bundle: string): readonly X509Certificate[] {
  const found = (bundle.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem))
  if (found.length === 0) throw new Error('the bundle holds no certificate')
  return found
}
