import { createHash, X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Distribution } from '../endpoints/metric-series.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import {
  type Authenticated,
  CREDENTIAL_ID,
  InvalidCredentials,
  type RequestAuthenticator,
} from './authenticator.ts'
import type { CertificateTrust } from './certificate-trust.ts'

interface Identity {
  readonly user: UserInfo
  /** Wall-clock milliseconds. */
  readonly notAfter: number
  /** Why another authority's certificate is not taken here. */
  readonly refusal: string | undefined
  /** Of the trust that has judged it. */
  readonly generation: number
}

/**
 * Users with a certificate of the client authority, which TLS has checked: the common name is the
 * user, the organizations are the groups. A certificate may expire while its connection lives.
 */
export class ClientCertificateAuthenticator implements RequestAuthenticator {
  readonly #clock: Clock
  readonly #trust: CertificateTrust | undefined
  /** By the bytes that a connection keeps, so that each connection parses its certificate once. */
  readonly #identities = new WeakMap<Uint8Array, Identity>()

  readonly #lifetimes: Pick<Distribution, 'observe'> | undefined

  /**
   * `trust`: where TLS trusts other authorities too, such as that of front proxies. `lifetimes` is
   * told how many seconds are left of each certificate that is used; nobody is when absent.
   */
  constructor(clock: Clock, trust?: CertificateTrust, lifetimes?: Pick<Distribution, 'observe'>) {
    this.#clock = clock
    this.#trust = trust
    this.#lifetimes = lifetimes
  }

  known({ connection }: ServerRequest): UserInfo | undefined {
    const certificate = connection?.peerCertificate
    const identity = certificate && this.#identities.get(certificate)
    if (identity === undefined || identity.generation !== (this.#trust?.generation ?? 0)) {
      return undefined
    }
    const { user, refusal, notAfter } = identity
    const left = notAfter - this.#clock.now()
    if (refusal !== undefined || user.name === '' || left < 0) return undefined
    this.#lifetimes?.observe(left / 1000)
    return user
  }

  async authenticate({ connection }: ServerRequest): Promise<Authenticated | undefined> {
    const certificate = connection?.peerCertificate
    if (certificate === undefined) return undefined
    let identity = this.#identities.get(certificate)
    if (identity === undefined || identity.generation !== (this.#trust?.generation ?? 0)) {
      identity = identityOf(certificate, connection?.peerIntermediates, this.#trust)
      this.#identities.set(certificate, identity)
    }
    if (this.#clock.now() > identity.notAfter) {
      throw new InvalidCredentials('x509: certificate has expired')
    }
    if (identity.refusal !== undefined) throw new InvalidCredentials(identity.refusal)
    if (identity.user.name === '') return undefined
    this.#lifetimes?.observe((identity.notAfter - this.#clock.now()) / 1000)
    return { user: identity.user }
  }
}

function identityOf(
  der: Uint8Array,
  intermediates: readonly Uint8Array[] | undefined,
  trust: CertificateTrust | undefined,
): Identity {
  const certificate = new X509Certificate(der)
  const subject = certificate.toLegacyObject().subject as unknown as Readonly<
    Record<string, string | readonly string[] | undefined>
  >
  const fingerprint = createHash('sha256').update(der).digest('hex')
  return {
    user: {
      // Of several common names Go keeps the last.
      name: [subject['CN'] ?? []].flat().at(-1) ?? '',
      groups: [subject['O'] ?? []].flat(),
      extra: { [CREDENTIAL_ID]: [`X509SHA256=${fingerprint}`] },
    },
    notAfter: Date.parse(certificate.validTo),
    refusal: trust?.refusalOf(certificate, intermediates),
    generation: trust?.generation ?? 0,
  }
}
