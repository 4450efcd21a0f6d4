import { createHash, X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import {
  type Authenticated,
  CREDENTIAL_ID,
  InvalidCredentials,
  type RequestAuthenticator,
} from './authenticator.ts'

interface Identity {
  readonly user: UserInfo
  /** Wall-clock milliseconds. */
  readonly notAfter: number
}

/**
 * Users with a certificate of the client authority, which TLS has checked: the common name is the
 * user, the organizations are the groups. A certificate may expire while its connection lives.
 */
export class ClientCertificateAuthenticator implements RequestAuthenticator {
  readonly #clock: Clock
  /** By the bytes that a connection keeps, so that each connection parses its certificate once. */
  readonly #identities = new WeakMap<Uint8Array, Identity>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async authenticate({ connection }: ServerRequest): Promise<Authenticated | undefined> {
    const certificate = connection?.peerCertificate
    if (certificate === undefined) return undefined
    let identity = this.#identities.get(certificate)
    if (identity === undefined) {
      identity = identityOf(certificate)
      this.#identities.set(certificate, identity)
    }
    if (this.#clock.now() > identity.notAfter) {
      throw new InvalidCredentials('x509: certificate has expired')
    }
    return identity.user.name === '' ? undefined : { user: identity.user }
  }
}

function identityOf(der: Uint8Array): Identity {
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
  }
}
