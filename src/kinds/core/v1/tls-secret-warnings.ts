import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Secret } from './secret.ts'

interface PemBlock {
  readonly type: string
  readonly text: string
}

const PEM = /-----BEGIN ([^\n]*?)-----\n[\s\S]*?\n-----END \1-----/g

/** Says where a certificate and key for TLS do not go together, in the words of Go's library. */
export function secretWarnings({ type, data = {} }: Secret): readonly string[] {
  if (type !== 'kubernetes.io/tls') return []
  const why = pairFault(blocksOf(data['tls.crt']), blocksOf(data['tls.key']))
  return why === undefined ? [] : [why]
}

function blocksOf(base64 = ''): readonly PemBlock[] {
  const text = Buffer.from(base64, 'base64').toString('latin1').replaceAll('\r\n', '\n')
  return [...text.matchAll(PEM)].map(([block, type = '']) => ({ type, text: block }))
}

function pairFault(certificates: readonly PemBlock[], keys: readonly PemBlock[]) {
  const [leaf] = certificates.filter(({ type }) => type === 'CERTIFICATE')
  if (leaf === undefined) return missingCertificate(certificates.map(({ type }) => type))
  const key = keys.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'))
  if (key === undefined) return missingKey(keys.map(({ type }) => type))
  const certificate = attempt(() => new X509Certificate(leaf.text))
  if (certificate === undefined) return 'x509: malformed certificate'
  const privateKey = attempt<KeyObject>(() => createPrivateKey(key.text))
  if (privateKey === undefined) return 'tls: failed to parse private key'
  if (certificate.publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) {
    return 'tls: private key type does not match public key type'
  }
  if (certificate.checkPrivateKey(privateKey)) return undefined
  return 'tls: private key does not match public key'
}

function missingCertificate(types: readonly string[]): string {
  const [first = ''] = types
  if (types.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (types.length === 1 && first.endsWith('PRIVATE KEY')) {
    const what = 'tls: failed to find certificate PEM data in certificate input'
    return `${what}, but did find a private key; PEM inputs may have been switched`
  }
  const what = 'tls: failed to find "CERTIFICATE" PEM block in certificate input'
  return `${what} after skipping PEM blocks of the following types: [${types.join(' ')}]`
}

function missingKey(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in key input'
  if (types.length === 1 && types[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  }
  const what = 'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input'
  return `${what} after skipping PEM blocks of the following types: [${types.join(' ')}]`
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
