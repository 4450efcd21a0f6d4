import { X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { hasIssued } from '../../base/issued-certificate.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
/** id-kp-clientAuth and anyExtendedKeyUsage. */
const FOR_CLIENTS: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']

/** Tags of DER, and the bit of a length that stands in the bytes that follow. */
const SERIAL_NUMBER = 0x02
const LONG_FORM = 0x80

/** As TLS allows by default. */
const MOST_INTERMEDIATES = 100
/** Of those that led to an authority: a resumed connection does not send them again. */
const MOST_REMEMBERED = 100

/** Judges client certificates by a bundle of authorities of its own, beside what TLS trusts. */
export class CertificateTrust {
  #authorities: readonly X509Certificate[]
  readonly #clock: Clock
  /** Intermediates that clients have shown and this bundle stands for, by fingerprint. */
  readonly #remembered = new Map<string, X509Certificate>()
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
    this.#remembered.clear()
    this.generation++
  }

  /**
   * Why a certificate is not to be trusted, in Go's words; undefined for one that is. What its
   * owner has sent along (DER) may lead from it to an authority; TLS has checked how long that way
   * may be and for what names it is.
   */
  refusalOf(leaf: X509Certificate, sent: readonly Uint8Array[] = []): string | undefined {
    if (!this.#isInForce(leaf)) return 'x509: certificate has expired or is not yet valid'
    const given = sent.slice(0, MOST_INTERMEDIATES).map((der) => new X509Certificate(der))
    const intermediates = [...given, ...this.#remembered.values()].filter(
      (one) => one.ca && this.#isInForce(one),
    )
    if (!this.#isIssued(leaf, new Set(intermediates))) {
      return 'x509: certificate signed by unknown authority'
    }
    const usages = leaf.keyUsage as readonly string[] | undefined
    if (usages !== undefined && !usages.some((usage) => FOR_CLIENTS.includes(usage))) {
      return 'x509: certificate specifies an incompatible key usage'
    }
    return undefined
  }

  #isInForce({ validFrom, validTo }: X509Certificate): boolean {
    const now = this.#clock.now()
    return now >= Date.parse(validFrom) && now <= Date.parse(validTo)
  }

  /** Tries each intermediate once: where it leads does not depend on the way to it. */
  #isIssued(certificate: X509Certificate, left: Set<X509Certificate>): boolean {
    if (this.#authorities.some((one) => isAuthority(one) && hasIssued(one, certificate)))
      return true
    for (const one of left) {
      if (!hasIssued(one, certificate)) continue
      left.delete(one)
      if (!this.#isIssued(one, left)) continue
      this.#remember(one)
      return true
    }
    return false
  }

  #remember(intermediate: X509Certificate): void {
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size >= MOST_REMEMBERED && oldest !== undefined) {
      this.#remembered.delete(oldest)
    }
    this.#remembered.set(intermediate.fingerprint256, intermediate)
  }
}

/** Version 1 has no extension that could say it: in a bundle of authorities it is taken for one. */
function isAuthority({ ca, raw }: X509Certificate): boolean {
  return ca || isOfVersion1(raw)
}

/** Later versions begin with their number, tagged [0]; version 1 begins with its serial number. */
function isOfVersion1(der: Uint8Array): boolean {
  const toBeSigned = contentStart(der, 0)
  return der[contentStart(der, toBeSigned)] === SERIAL_NUMBER
}

/** Where the content of the element at this offset begins. */
function contentStart(der: Uint8Array, at: number): number {
  const length = der[at + 1] ?? 0
  return at + 2 + (length & LONG_FORM ? length & ~LONG_FORM : 0)
}

function authoritiesIn(bundle: string): readonly X509Certificate[] {
  const found = (bundle.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem))
  if (found.length === 0) throw new Error('the bundle holds no certificate')
  return found
}
