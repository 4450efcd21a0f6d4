import { X509Certificate } from 'node:crypto'
import { parseCertificateRequest } from '../../../base/certificate-request.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import type { CertificateSigningRequest } from './certificate-signing-request.ts'
import { validateSignerName } from './signer-name.ts'

type Request = CertificateSigningRequest
type Old = CertificateSigningRequest | undefined

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'
const LEAST_EXPIRATION_SECONDS = 600
const USAGES = [
  ...['any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign'],
  ...['data encipherment', 'decipher only', 'digital signature', 'email protection'],
  ...['encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement'],
  ...['key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime'],
  ...['server auth', 'signing', 'timestamping'],
]
/** Conditions that once said stay said. */
const LASTING = ['Approved', 'Denied', 'Failed'] as const
const DECISIONS = ['Approved', 'Denied'] as const

/** Rules of a new request. */
export function* validateRequest(request: Request, path: FieldPath): FieldErrors {
  yield* validateAll(request, undefined, path)
}

/** Rules of a changed request: neither the decision nor the certificate change this way. */
export function* validateRequestUpdate(request: Request, old: Request, path: FieldPath) {
  yield* validateAll(request, old, path)
  yield* validateKept(request, old, path)
  yield* validateDecisionsKept(request, old, path)
  yield* validateCertificateKept(request, old, path)
}

/** Rules of a new status: a signer sets the certificate, once. */
export function* validateRequestStatusUpdate(request: Request, old: Request, path: FieldPath) {
  yield* validateAll(request, old, path)
  yield* validateKept(request, old, path)
  yield* validateDecisionsKept(request, old, path)
  const isSet = (old.status.certificate ?? '') !== ''
  if (isSet && request.status.certificate !== old.status.certificate) {
    const why = 'updates may not modify existing certificate content'
    yield forbidden(path.child('status', 'certificate'), why)
  }
}

/** Rules of `approval`: it decides, and sets no certificate. */
export function* validateRequestApproval(request: Request, old: Request, path: FieldPath) {
  yield* validateAll(request, old, path)
  yield* validateKept(request, old, path)
  yield* validateCertificateKept(request, old, path)
}

function* validateAll(request: Request, old: Old, path: FieldPath): FieldErrors {
  const { spec, status } = request
  const specPath = path.child('spec')
  const requestError = errorOfRequest(spec.request)
  if (requestError !== undefined) {
    yield invalid(specPath.child('request'), spec.request, requestError)
  }
  yield* validateUsages(request, old, specPath.child('usages'))
  if (spec.signerName === LEGACY_SIGNER && old?.spec.signerName !== LEGACY_SIGNER) {
    const why = 'the legacy signerName is not allowed via this API version'
    yield invalid(specPath.child('signerName'), spec.signerName, why)
  } else yield* validateSignerName(spec.signerName, specPath.child('signerName'))
  const { expirationSeconds } = spec
  if (expirationSeconds !== undefined && expirationSeconds < LEAST_EXPIRATION_SECONDS) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)'
    yield invalid(specPath.child('expirationSeconds'), expirationSeconds, why)
  }
  yield* validateConditions(request, old, path.child('status', 'conditions'))
  if (old !== undefined && status.certificate === old.status.certificate) return
  if (errorOfCertificate(old?.status.certificate) !== undefined) return
  const certificateError = errorOfCertificate(status.certificate)
  if (certificateError !== undefined) {
    yield invalid(path.child('status', 'certificate'), '<certificate data>', certificateError)
  }
}

function* validateUsages({ spec }: Request, old: Old, path: FieldPath): FieldErrors {
  const { usages = [] } = spec
  if (usages.length === 0) yield required(path)
  const before = old?.spec.usages ?? []
  if (before.every((usage) => USAGES.includes(usage))) {
    for (const [index, usage] of usages.entries()) {
      if (!USAGES.includes(usage)) yield notSupported(path.index(index), usage, USAGES)
    }
  }
  if (new Set(before).size < before.length) return
  const repeated = repeatedPlaces(usages)
  for (const [index, usage] of usages.entries()) {
    if (repeated.has(index)) yield duplicate(path.index(index), usage)
  }
}

function* validateConditions({ status }: Request, old: Old, path: FieldPath): FieldErrors {
  const { conditions = [] } = status
  const before = (old?.status.conditions ?? []).map(({ type }) => type)
  const hadBoth = DECISIONS.every((type) => before.includes(type))
  const hadDuplicates = new Set(before).size < before.length
  const seen = new Set<string>()
  for (const [index, { type, status: value }] of conditions.entries()) {
    const at = path.index(index)
    if (type === '' && !before.includes('')) yield required(at.child('type'))
    const allowed = LASTING.some((one) => one === type) ? ['True'] : ['False', 'True', 'Unknown']
    if ((value as string) === '') yield required(at.child('status'))
    else if (!allowed.includes(value)) yield notSupported(at.child('status'), value, allowed)
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    if (!hadBoth && opposite !== undefined && seen.has(opposite)) {
      yield invalid(path, type, 'Approved and Denied conditions are mutually exclusive')
    }
    if (!hadDuplicates && seen.has(type)) yield duplicate(at.child('type'), type)
    seen.add(type)
  }
}

function* validateKept(request: Request, old: Request, path: FieldPath): FieldErrors {
  for (const type of LASTING) {
    if (conditionsOf(request, type).length < conditionsOf(old, type).length) {
      const why = `updates may not remove a condition of type ${JSON.stringify(type)}`
      yield forbidden(path.child('status', 'conditions'), why)
    }
  }
}

function* validateDecisionsKept(request: Request, old: Request, path: FieldPath): FieldErrors {
  for (const type of DECISIONS) {
    const [now, before] = [conditionsOf(request, type), conditionsOf(old, type)]
    const what = `a condition of type ${JSON.stringify(type)}`
    const at = path.child('status', 'conditions')
    if (now.length > before.length) yield forbidden(at, `updates may not add ${what}`)
    else if (now.length === before.length && !deepEqual(now, before)) {
      yield forbidden(at, `updates may not modify ${what}`)
    }
  }
}

function* validateCertificateKept(request: Request, old: Request, path: FieldPath): FieldErrors {
  if ((request.status.certificate ?? '') !== (old.status.certificate ?? '')) {
    yield forbidden(path.child('status', 'certificate'), 'updates may not set certificate content')
  }
}

function conditionsOf({ status }: Request, type: string) {
  return (status.conditions ?? []).filter((condition) => condition.type === type)
}

function errorOfRequest(base64: string): string | undefined {
  try {
    const request = parseCertificateRequest(Buffer.from(base64, 'base64').toString('latin1'))
    return request.isSigned() ? undefined : 'x509: the request is not signed by its own key'
  } catch (error) {
    return (error as Error).message
  }
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g

/** Why a status' certificates are none; undefined for good ones, and where there are none yet. */
function errorOfCertificate(base64 = ''): string | undefined {
  if (base64 === '') return undefined
  const text = Buffer.from(base64, 'base64').toString('latin1')
  const blocks = [...text.matchAll(BLOCK)]
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  for (const [block, type = '', body = ''] of blocks) {
    if (type !== 'CERTIFICATE') {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    }
    if (body.includes(':')) return 'no PEM block headers are permitted'
    try {
      new X509Certificate(block)
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return undefined
}
