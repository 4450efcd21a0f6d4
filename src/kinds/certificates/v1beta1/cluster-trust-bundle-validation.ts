import { X509Certificate } from 'node:crypto'
import {
  type FieldErrors,
  type FieldPath,
  invalid,
  tooLong,
} from '../../../machinery/field-error.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateSignerName } from '../v1/signer-name.ts'
import type { ClusterTrustBundle } from './cluster-trust-bundle.ts'

type Bundle = ClusterTrustBundle

const MOST_BYTES = 1024 * 1024
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g

/** A bundle of a signer bears its name in front of its own, and holds certificates to trust. */
export function* validateBundle(bundle: Bundle, path: FieldPath): FieldErrors {
  yield* validateNames(bundle, path)
  yield* validateAnchors(bundle.spec.trustBundle, path.child('spec', 'trustBundle'))
}

/** Certificates are read again only where they changed. */
export function* validateBundleUpdate(bundle: Bundle, old: Bundle, path: FieldPath): FieldErrors {
  yield* validateNames(bundle, path)
  if (bundle.spec.trustBundle !== old.spec.trustBundle) {
    yield* validateAnchors(bundle.spec.trustBundle, path.child('spec', 'trustBundle'))
  }
  const signerPath = path.child('spec', 'signerName')
  yield* validateImmutable(bundle.spec.signerName ?? '', old.spec.signerName ?? '', signerPath)
}

function* validateNames({ metadata, spec }: Bundle, path: FieldPath): FieldErrors {
  const { signerName = '' } = spec
  const { name, generateName = '' } = metadata
  if (generateName !== '') {
    const errors = nameErrors(generateName, signerName, true)
    yield* invalids(path.child('metadata', 'generateName'), generateName, errors)
  }
  if (name !== '') {
    yield* invalids(path.child('metadata', 'name'), name, nameErrors(name, signerName, false))
  }
  if (signerName !== '') yield* validateSignerName(signerName, path.child('spec', 'signerName'))
}

function nameErrors(name: string, signerName: string, isPrefix: boolean): readonly string[] {
  if (signerName === '') {
    if (!name.includes(':')) return subdomainNameErrors(name, isPrefix)
    return ['ClusterTrustBundle without signer name must not have ":" in its name']
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`
  if (name.startsWith(prefix)) return subdomainNameErrors(name.slice(prefix.length), isPrefix)
  return [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`]
}

function* validateAnchors(text: string, path: FieldPath): FieldErrors {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    yield tooLong(path, MOST_BYTES)
    return
  }
  const blocks = [...text.matchAll(BLOCK)]
  const flaws = blocks.flatMap(([block, type = '', body = ''], index) => {
    const flaw = flawOf(block, type, body)
    return flaw === undefined ? [] : [`entry ${index} ${flaw}`]
  })
  if (flaws.length === 0 && blocks.length === 0) {
    flaws.push('at least one trust anchor must be provided')
  }
  if (flaws.length === 0) flaws.push(...duplicatesOf(blocks.map(([block]) => block)))
  for (const flaw of flaws) yield invalid(path, '<value omitted>', flaw)
}

function flawOf(block: string, type: string, body: string): string | undefined {
  if (type !== 'CERTIFICATE') return `has bad block type: ${type}`
  if (body.includes(':')) return 'has PEM block headers'
  try {
    return new X509Certificate(block).ca ? undefined : 'does not have the CA bit set'
  } catch {
    return 'does not parse as X.509'
  }
}

function duplicatesOf(blocks: readonly string[]): readonly string[] {
  const places = new Map<string, number[]>()
  for (const [index, block] of blocks.entries()) {
    const { fingerprint256 } = new X509Certificate(block)
    places.set(fingerprint256, [...(places.get(fingerprint256) ?? []), index])
  }
  return [...places.values()]
    .filter((indices) => indices.length > 1)
    .map((indices) => `duplicate trust anchor (indices [${indices.join(' ')}])`)
}
