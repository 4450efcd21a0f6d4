import { X509Certificate } from 'node:crypto'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  invalid,
  invalidWithoutValue,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import type { Condition } from '../../../machinery/meta-condition.ts'
import { parseTime } from '../../../machinery/time.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import type {
  PodCertificateRequest,
  PodCertificateRequestStatus,
} from './pod-certificate-request.ts'
import { requestedKeyOf } from './pod-key-validation.ts'

type Status = PodCertificateRequestStatus

const DECISIONS = ['Issued', 'Denied', 'Failed']
const MOST_CHAIN_BYTES = 100 * 1024
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const MARGIN_MS = 10 * MINUTE_MS
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g

/** A request is decided once: issued with a chain, or denied or failed without one. */
export function* validatePodCertificateStatusUpdate(
  request: PodCertificateRequest,
  old: PodCertificateRequest,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  const { status } = request
  const { conditions = [] } = status
  const conditionErrors = [
    ...validateDecisions(conditions, statusPath.child('conditions')),
    ...validateMetaConditions(conditions, statusPath.child('conditions')),
  ]
  if (conditionErrors.length > 0) {
    yield* conditionErrors
    return
  }
  const decision = decisionOf(status)
  if (decisionOf(old.status) !== undefined) {
    const why = 'immutable after PodCertificateRequest is issued, denied, or failed'
    if (!deepEqual(status, old.status)) yield invalidWithoutValue(statusPath, why)
  } else if (decision === undefined) {
    const why = 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"'
    if (!deepEqual(status, old.status)) yield invalidWithoutValue(statusPath, why)
  } else if (decision !== 'Issued') {
    const what = 'non-condition status fields must be empty when'
    const why = `${what} denying or failing the PodCertificateRequest`
    if (!deepEqual(status, { conditions })) yield invalidWithoutValue(statusPath, why)
  } else yield* validateIssued(request, statusPath)
}

function decisionOf({ conditions = [] }: Status): string | undefined {
  return conditions.find(({ type, status }) => DECISIONS.includes(type) && status === 'True')?.type
}

function* validateDecisions(conditions: readonly Condition[], path: FieldPath): FieldErrors {
  let decisions = 0
  for (const [index, { type, status }] of conditions.entries()) {
    const at = path.child(`[${index}]`)
    if (!DECISIONS.includes(type)) {
      yield notSupported(at.child('type'), type, DECISIONS)
      continue
    }
    decisions++
    if (decisions > 1) {
      const which = '"Issued", "Denied", or "Failed"'
      yield invalid(at.child('type'), type, `There may be at most one condition with type ${which}`)
    }
    if (status !== 'True') yield notSupported(at.child('status'), status, ['True'])
  }
}

/** The chain and its times agree with each other and with the request; the first flaw counts. */
function* validateIssued(request: PodCertificateRequest, path: FieldPath): FieldErrors {
  const { certificateChain: chain = '' } = request.status
  const chainPath = path.child('certificateChain')
  if (Buffer.byteLength(chain) > MOST_CHAIN_BYTES) {
    yield tooLong(chainPath, MOST_CHAIN_BYTES)
    return
  }
  const [first, ...others] = chain.matchAll(BLOCK)
  const [block, type] = first ?? []
  const leaf = block === undefined ? undefined : certificateOf(block)
  const flaw = leafFlaw(request, type, leaf)
  if (flaw !== undefined) yield invalid(chainPath, chain, flaw)
  if (flaw !== undefined || leaf === undefined) return
  const timeErrors = [...validateTimes(request, leaf, path)]
  if (timeErrors.length > 0) {
    yield* timeErrors
    return
  }
  for (const [text, kind] of others) {
    if (kind !== 'CERTIFICATE') {
      yield invalid(chainPath, chain, chainMustBe('CERTFICATE'))
      return
    }
    if (certificateOf(text) !== undefined) continue
    yield invalid(chainPath, chain, 'intermediate certificate does not parse as valid X.509')
    return
  }
}

function chainMustBe(what: string): string {
  return `issued certificate chain must consist entirely of ${what} PEM blocks`
}

function leafFlaw(
  { spec }: PodCertificateRequest,
  type: string | undefined,
  leaf: X509Certificate | undefined,
): string | undefined {
  if (type === undefined) return 'issued certificate chain must contain at least one certificate'
  if (type !== 'CERTIFICATE') return chainMustBe('CERTIFICATE')
  if (leaf === undefined) return 'leaf certificate does not parse as valid X.509'
  const key = requestedKeyOf(spec)
  if (key?.equals(leaf.publicKey)) return undefined
  return 'leaf certificate was not issued to the requested public key'
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function* validateTimes(
  { spec, status }: PodCertificateRequest,
  leaf: X509Certificate,
  path: FieldPath,
): FieldErrors {
  const { notBefore, notAfter, beginRefreshAt } = status
  const consistent = 'must be present and consistent with the issued certificate'
  const refreshPath = path.child('beginRefreshAt')
  if (notBefore === undefined) yield required(path.child('notBefore'), consistent)
  if (notAfter === undefined) yield required(path.child('notAfter'), consistent)
  if (beginRefreshAt === undefined) {
    yield required(
      refreshPath,
      'must be present and in the range [notbefore+10min, notafter-10min]',
    )
  }
  if (notBefore === undefined || notAfter === undefined || beginRefreshAt === undefined) return
  const [start, end] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)]
  const encoded = (name: string) =>
    `must be set to the ${name} time encoded in the leaf certificate`
  if (parseTime(notBefore) !== start) {
    yield invalid(path.child('notBefore'), notBefore, encoded('NotBefore'))
    return
  }
  if (parseTime(notAfter) !== end) {
    yield invalid(path.child('notAfter'), notAfter, encoded('NotAfter'))
    return
  }
  const chainPath = path.child('certificateChain')
  const lifetimeMs = end - start
  const lifetime = `${lifetimeMs / 1000}s`
  if (lifetimeMs < HOUR_MS) {
    yield invalid(chainPath, lifetime, 'leaf certificate lifetime must be >= 1 hour')
    return
  }
  const { maxExpirationSeconds: most } = spec
  if (lifetimeMs > most * 1000) {
    const why = `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${most})`
    yield invalid(chainPath, lifetime, why)
    return
  }
  const refresh = parseTime(beginRefreshAt)
  if (refresh < start + MARGIN_MS) {
    yield invalid(refreshPath, beginRefreshAt, 'must be at least 10 minutes after status.notBefore')
  } else if (refresh > end - MARGIN_MS) {
    yield invalid(refreshPath, beginRefreshAt, 'must be at least 10 minutes before status.notAfter')
  }
}
