import type { PeerCertificate } from 'node:tls'

/** What was being reached when a call failed. */
export interface Attempted {
  /** As it was dialled. */
  readonly host: string
  readonly port: number
  /** The name that the certificate should have borne. */
  readonly serverName: string
  /** Whom names are looked up at, `ADDRESS:PORT`; left out where that is not known. */
  readonly nameServer?: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

interface SystemError extends Error {
  readonly code?: string
  readonly syscall?: string
  readonly cert?: PeerCertificate
}

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

/** System calls that fail while a connection is made, in the words of Linux as Go prints them. */
const DIAL_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  ENOENT: 'no such file or directory',
}

/**
 * Why a server could not be called, in the words that upstream's clients have for it: people search
 * for them, and tests of controllers compare them.
 */
export function networkErrorText(error: unknown, attempted: Attempted): string {
  const { code = '', message, syscall, cert } = error as SystemError
  const { host, port, serverName, nameServer = '', now } = attempted
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const dial = DIAL_ERRORS[code]
  if (dial !== undefined && syscall === 'connect') return `dial tcp ${address}: connect: ${dial}`
  const lookup = `dial tcp: lookup ${host}${nameServer === '' ? '' : ` on ${nameServer}`}`
  if (code === 'ENOTFOUND') return `${lookup}: no such host`
  if (code === 'EAI_AGAIN') return `${lookup}: server misbehaving`
  if (UNKNOWN_AUTHORITY.has(code)) {
    return certificateText('certificate signed by unknown authority')
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return certificateText(wrongNameText(cert, serverName))
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return certificateText(expiredText(code, cert, now))
  }
  if (code === 'EPROTO' && /wrong version number|http request/.test(message)) {
    return 'http: server gave HTTP response to HTTPS client'
  }
  if (code === 'EPROTO') return `remote error: tls: ${alertOf(message)}`
  if (code === 'ECONNRESET' && syscall === 'read') {
    return `read tcp ${address}: read: connection reset by peer`
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'EOF'
  return message
}

function certificateText(why: string): string {
  return `tls: failed to verify certificate: x509: ${why}`
}

function wrongNameText(cert: PeerCertificate | undefined, serverName: string): string {
  const names = (cert?.subjectaltname ?? '').split(', ').filter((name) => name !== '')
  const isAddress = /^[0-9.]+$|:/.test(serverName)
  if (isAddress) {
    const addresses = withPrefix(names, 'IP Address:')
    if (addresses.length === 0) {
      const why = "because it doesn't contain any IP SANs"
      return `cannot validate certificate for ${serverName} ${why}`
    }
    return `certificate is valid for ${addresses.join(', ')}, not ${serverName}`
  }
  const hosts = withPrefix(names, 'DNS:')
  if (names.length === 0 && cert?.subject?.CN !== undefined) {
    return 'certificate relies on legacy Common Name field, use SANs instead'
  }
  if (hosts.length === 0) {
    return `certificate is not valid for any names, but wanted to match ${serverName}`
  }
  return `certificate is valid for ${hosts.join(', ')}, not ${serverName}`
}

function withPrefix(names: readonly string[], prefix: string): readonly string[] {
  return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
}

function expiredText(code: string, cert: PeerCertificate | undefined, now: number): string {
  const text = 'certificate has expired or is not yet valid'
  const limit = code === 'CERT_HAS_EXPIRED' ? cert?.valid_to : cert?.valid_from
  if (limit === undefined) return text
  const relation = code === 'CERT_HAS_EXPIRED' ? 'after' : 'before'
  return `${text}: current time ${timeText(now)} is ${relation} ${timeText(Date.parse(limit))}`
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** `...:SSL alert number 42` comes with the alert's name in front: `tlsv1 alert unknown ca`. */
function alertOf(message: string): string {
  const [, name = 'handshake failure'] = /alert ([a-z ]+)[:\n]/.exec(message) ?? []
  return name
}
