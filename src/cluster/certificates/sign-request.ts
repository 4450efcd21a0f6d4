import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const BACKDATE_MS = 5 * 60_000
/** A certificate that lives shorter than this keeps its whole time. */
const SHORT_MS = 8 * 3_600_000

const KEY_USAGES: Readonly<Record<string, x509.KeyUsageFlags>> = {
  signing: x509.KeyUsageFlags.digitalSignature,
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
  'cert sign': x509.KeyUsageFlags.keyCertSign,
  'crl sign': x509.KeyUsageFlags.cRLSign,
  'encipher only': x509.KeyUsageFlags.encipherOnly,
  'decipher only': x509.KeyUsageFlags.decipherOnly,
}

/** In the order in which Go writes them. */
const EXTENDED_USAGES: readonly (readonly [usage: string, oid: string])[] = [
  ['any', '2.5.29.37.0'],
  ['server auth', '1.3.6.1.5.5.7.3.1'],
  ['client auth', '1.3.6.1.5.5.7.3.2'],
  ['code signing', '1.3.6.1.5.5.7.3.3'],
  ['email protection', '1.3.6.1.5.5.7.3.4'],
  ['s/mime', '1.3.6.1.5.5.7.3.4'],
  ['ipsec end system', '1.3.6.1.5.5.7.3.5'],
  ['ipsec tunnel', '1.3.6.1.5.5.7.3.6'],
  ['ipsec user', '1.3.6.1.5.5.7.3.7'],
  ['timestamping', '1.3.6.1.5.5.7.3.8'],
  ['ocsp signing', '1.3.6.1.5.5.7.3.9'],
  ['microsoft sgc', '1.3.6.1.4.1.311.10.3.3'],
  ['netscape sgc', '2.16.840.1.113730.4.1'],
]

/** From when until when a certificate is good. */
export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/**
 * The time of a certificate that shall live for `ttlMs` (upstream's permissive signing policy):
 * backdated for slow clocks, and never beyond the end of its authority. All in milliseconds.
 */
export function validityOf(ttlMs: number, now: number, authorityEnd: number): Validity {
  if (now >= authorityEnd) {
    throw new Error('refusing to sign a certificate that expired in the past')
  }
  const end = ttlMs < SHORT_MS ? now + ttlMs : now + ttlMs - BACKDATE_MS
  return {
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(Math.min(end, authorityEnd)),
  }
}

/**
 * What a certificate says beside subject, key and time. Of the request's own extensions only the
 * alternative names are taken. Throws for a usage that is none.
 */
export function extensionsOf(
  request: x509.Pkcs10CertificateRequest,
  usages: readonly string[],
): x509.Extension[] {
  let flags = 0
  const extended = new Set<string>()
  const unknown: string[] = []
  for (const usage of usages) {
    const flag = KEY_USAGES[usage]
    const [, oid] = EXTENDED_USAGES.find(([name]) => name === usage) ?? []
    if (flag !== undefined) flags |= flag
    else if (oid !== undefined) extended.add(oid)
    else unknown.push(usage)
  }
  if (unknown.length > 0) {
    const list = unknown.map((usage) => JSON.stringify(usage)).join(' ')
    throw new Error(`unrecognized usage values: [${list}]`)
  }
  const ordered = new Set(EXTENDED_USAGES.map(([, oid]) => oid).filter((oid) => extended.has(oid)))
  return [
    ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
    ...(ordered.size === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...ordered])]),
    new x509.BasicConstraintsExtension(false, undefined, true),
    ...alternativeNamesOf(request),
  ]
}

const ALTERNATIVE_NAMES = '2.5.29.17'
const NAME_TYPES: readonly string[] = ['dns', 'email', 'ip', 'url']

/** Names of other sorts mean nothing in Kubernetes, and are left out as upstream does. */
function alternativeNamesOf(request: x509.Pkcs10CertificateRequest): x509.Extension[] {
  const asked = request.getExtension(ALTERNATIVE_NAMES)
  if (asked === null) return []
  const { names } = new x509.SubjectAlternativeNameExtension(asked.rawData)
  const known = names.items.filter(({ type }) => NAME_TYPES.includes(type))
  if (known.length === 0) return []
  const isNameless = request.subject === ''
  const json = known.map(({ type, value }) => ({ type, value }))
  return [new x509.SubjectAlternativeNameExtension(json, isNameless)]
}
