import { createPublicKey, verify } from 'node:crypto'
import {
  contextTag,
  DER,
  DerError,
  type DerValue,
  derChildren,
  derOid,
  derText,
  expectDer,
  readDer,
} from './der.ts'

/** What a certificate signing request (PKCS #10, RFC 2986) says, and whether it is signed. */
export interface ParsedCertificateRequest {
  readonly der: Uint8Array
  /** Of several, the last; '' where there is none. */
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  readonly emailAddresses: readonly string[]
  /** As bytes in hexadecimal digits: 8 for IPv4, 32 for IPv6. */
  readonly ipAddresses: readonly string[]
  readonly uris: readonly string[]
  /** The key of its holder, as DER (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array
  /** True where the holder of the key has signed it. */
  isSigned(): boolean
}

const COMMON_NAME = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const ALTERNATIVE_NAMES = '2.5.29.17'
const [EMAIL, DNS, URI, IP] = [1, 2, 6, 7].map((number) => contextTag(number, false))

/** The hash of a signature's algorithm; null for one that hashes by itself. */
const HASHES: Readonly<Record<string, string | null>> = {
  // Of a request, unlike a certificate, Go takes this hash, too.
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]*?)-----END \1-----/

/** Reads the first PEM block of a text. Throws an error with upstream's text. */
export function parseCertificateRequest(pem: string): ParsedCertificateRequest {
  const [, label, base64 = ''] = PEM.exec(pem) ?? []
  if (label !== 'CERTIFICATE REQUEST') {
    throw new Error('PEM block type must be CERTIFICATE REQUEST')
  }
  return readCertificateRequest(Buffer.from(base64, 'base64'))
}

/** As `parseCertificateRequest`, without PEM around it. */
export function readCertificateRequest(der: Uint8Array): ParsedCertificateRequest {
  try {
    return readRequest(der)
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new Error(`asn1: structure error: ${cause.message}`, { cause })
  }
}

function readRequest(der: Uint8Array): ParsedCertificateRequest {
  const [signed, algorithm, signature] = derChildren(expectDer(readDer(der), DER.sequence))
  const [, subject, key, attributes] = derChildren(expectDer(signed, DER.sequence))
  const names = readSubject(expectDer(subject, DER.sequence))
  const publicKey = expectDer(key, DER.sequence).raw
  const [oid] = derChildren(expectDer(algorithm, DER.sequence))
  const proof = {
    signed: expectDer(signed, DER.sequence).raw,
    publicKey,
    algorithm: derOid(oid),
    signature: bitsOf(expectDer(signature, DER.bitString)),
  }
  return {
    der,
    commonName: names.get(COMMON_NAME)?.at(-1) ?? '',
    organizations: names.get(ORGANIZATION) ?? [],
    ...readAlternativeNames(attributes),
    publicKey,
    isSigned: () => isSigned(proof),
  }
}

/** The first byte says how many bits of the last are not used: none of a signature. */
function bitsOf({ content }: DerValue): Uint8Array {
  if (content[0] !== 0) throw new DerError('a signature of odd bits')
  return content.subarray(1)
}

function readSubject(subject: DerValue): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const set of derChildren(subject)) {
    for (const pair of derChildren(expectDer(set, DER.set))) {
      const [type, value] = derChildren(expectDer(pair, DER.sequence))
      const oid = derOid(type)
      if (value === undefined) throw new DerError('a value is missing')
      if (oid !== COMMON_NAME && oid !== ORGANIZATION) continue
      const values = names.get(oid) ?? []
      values.push(derText(value))
      names.set(oid, values)
    }
  }
  return names
}

type AlternativeNames = Pick<
  ParsedCertificateRequest,
  'dnsNames' | 'emailAddresses' | 'ipAddresses' | 'uris'
>

function readAlternativeNames(attributes: DerValue | undefined): AlternativeNames {
  const names = attributes === undefined ? [] : alternativeNamesIn(attributes)
  const texts = (tag: number | undefined) =>
    names.filter((name) => name.tag === tag).map(({ content }) => latin(content))
  return {
    dnsNames: texts(DNS),
    emailAddresses: texts(EMAIL),
    uris: texts(URI),
    ipAddresses: names
      .filter(({ tag }) => tag === IP)
      .map(({ content }) => Buffer.from(content).toString('hex')),
  }
}

function alternativeNamesIn(attributes: DerValue): readonly DerValue[] {
  return derChildren(attributes).flatMap((attribute) => {
    const [type, values] = derChildren(expectDer(attribute, DER.sequence))
    if (derOid(type) !== EXTENSION_REQUEST) return []
    const [extensions] = derChildren(expectDer(values, DER.set))
    return derChildren(expectDer(extensions, DER.sequence)).flatMap((extension) => {
      const [oid, ...rest] = derChildren(expectDer(extension, DER.sequence))
      if (derOid(oid) !== ALTERNATIVE_NAMES) return []
      const { content } = expectDer(rest.at(-1), DER.octetString)
      return derChildren(expectDer(readDer(content), DER.sequence))
    })
  })
}

interface Proof {
  readonly signed: Uint8Array
  readonly publicKey: Uint8Array
  /** The object identifier of the signature's algorithm. */
  readonly algorithm: string
  readonly signature: Uint8Array
}

function isSigned({ signed, publicKey, algorithm, signature }: Proof): boolean {
  const hash = HASHES[algorithm]
  if (hash === undefined) return false
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    return verify(hash, signed, key, signature)
  } catch {
    // A key that cannot be read has signed nothing.
    return false
  }
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
