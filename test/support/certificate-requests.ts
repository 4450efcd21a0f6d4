import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

export type KeySort = 'P-256' | 'P-384' | 'RSA' | 'RSA-SHA1' | 'Ed25519'

const ALGORITHMS = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
  'RSA-SHA1': {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-1',
  },
  Ed25519: { name: 'Ed25519' },
} as const

export interface RequestWishes {
  readonly commonName?: string
  readonly organizations?: readonly string[]
  readonly names?: readonly {
    readonly type: 'dns' | 'ip' | 'email' | 'url'
    readonly value: string
  }[]
  readonly sort?: KeySort
}

/** A new key (PKCS 8 PEM) and a signing request for it (PEM), made by another library. */
export async function makeCertificateRequest(
  wishes: RequestWishes,
): Promise<{ readonly key: string; readonly request: string }> {
  const { commonName, organizations = [], names = [], sort = 'P-256' } = wishes
  const algorithm = ALGORITHMS[sort]
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const groups = organizations.map((organization) => ({ O: [organization] }))
  const subject = [...groups, ...(commonName === undefined ? [] : [{ CN: [commonName] }])]
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name(subject),
    keys,
    signingAlgorithm: algorithm,
    extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])],
  })
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    key: x509.PemConverter.encode(der, 'PRIVATE KEY'),
    request: request.toString('pem'),
  }
}
