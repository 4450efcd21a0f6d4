import { X509Certificate } from 'node:crypto'
import type { ServerRequest } from '../request.ts'
import {
  type Authenticated,
  InvalidCredentials,
  type RequestAuthenticator,
} from './authenticator.ts'
import type { CertificateTrust } from './certificate-trust.ts'
import { extraOfHeaders } from './extra-headers.ts'

/** Under which headers a front proxy tells who its caller is; upstream's `--requestheader-*`. */
export interface RequestHeaderNames {
  /** Common names of proxies; any with a certificate of the authority when empty. */
  readonly allowedNames: readonly string[]
  readonly usernameHeaders: readonly string[]
  readonly uidHeaders: readonly string[]
  readonly groupHeaders: readonly string[]
  readonly extraHeaderPrefixes: readonly string[]
}

/** What installers choose. */
export const DEFAULT_REQUEST_HEADERS = {
  usernameHeaders: ['X-Remote-User'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group'],
  extraHeaderPrefixes: ['X-Remote-Extra-'],
} as const

/**
 * Whether a header (in lower case) may tell who a caller is. Those behind this server believe it
 * when it says so in these headers: a caller's own must not reach them.
 */
export function isProofBy(names: RequestHeaderNames): (header: string) => boolean {
  const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = lowerCase(names)
  const exact = new Set([...usernameHeaders, ...uidHeaders, ...groupHeaders])
  return (header) =>
    exact.has(header) || extraHeaderPrefixes.some((prefix) => header.startsWith(prefix))
}

/**
 * Users whom a proxy in front of this server has authenticated: it says so in headers, which are
 * believed when its own certificate is of the authority for proxies.
 */
export class RequestHeaderAuthenticator implements RequestAuthenticator {
  readonly #trust: CertificateTrust
  readonly #names: RequestHeaderNames
  /** By the bytes that a connection keeps. */
  readonly #proxies = new WeakMap<Uint8Array, X509Certificate>()

  constructor(trust: CertificateTrust, names: RequestHeaderNames) {
    this.#trust = trust
    this.#names = lowerCase(names)
  }

  known(request: ServerRequest): 'no-proof' | undefined {
    return firstOf(request, this.#names.usernameHeaders) === '' ? 'no-proof' : undefined
  }

  async authenticate(request: ServerRequest): Promise<Authenticated | undefined> {
    const peer = request.connection?.peerCertificate
    if (peer === undefined) return undefined
    const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = this.#names
    const name = firstOf(request, usernameHeaders)
    // Upstream looks at the certificate first; without a name there is nothing that it could prove.
    if (name === '') return undefined
    this.#checkProxy(peer, request.connection?.peerIntermediates)
    const uid = firstOf(request, uidHeaders)
    const groups = groupHeaders.flatMap((header) => request.headerValues(header))
    const extra = extraOfHeaders(request, extraHeaderPrefixes)
    return {
      user: {
        name,
        groups,
        ...(uid !== '' && { uid }),
        ...(Object.keys(extra).length > 0 && { extra }),
      },
    }
  }

  #checkProxy(peer: Uint8Array, intermediates: readonly Uint8Array[] | undefined): void {
    let certificate = this.#proxies.get(peer)
    if (certificate === undefined) {
      certificate = new X509Certificate(peer)
      this.#proxies.set(peer, certificate)
    }
    const refusal = this.#trust.refusalOf(certificate, intermediates)
    if (refusal !== undefined) throw new InvalidCredentials(refusal)
    const { allowedNames } = this.#names
    if (allowedNames.length === 0) return
    const subject = certificate.toLegacyObject().subject as unknown as Readonly<
      Record<string, string | readonly string[] | undefined>
    >
    const commonName = [subject['CN'] ?? []].flat().at(-1) ?? ''
    if (!allowedNames.includes(commonName)) {
      throw new InvalidCredentials(`x509: subject with cn=${commonName} is not in the allowed list`)
    }
  }
}

/** Names of headers have no case; names of proxies do. */
function lowerCase(names: RequestHeaderNames): RequestHeaderNames {
  const lower = (list: readonly string[]) => list.map((name) => name.trim().toLowerCase())
  return {
    allowedNames: names.allowedNames,
    usernameHeaders: lower(names.usernameHeaders),
    uidHeaders: lower(names.uidHeaders),
    groupHeaders: lower(names.groupHeaders),
    extraHeaderPrefixes: lower(names.extraHeaderPrefixes),
  }
}

function firstOf(request: ServerRequest, names: readonly string[]): string {
  for (const name of names) {
    const [value = ''] = request.headerValues(name)
    if (value !== '') return value
  }
  return ''
}
