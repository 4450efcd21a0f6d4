import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { readCertificateRequest } from '../../../base/certificate-request.ts'
import {
  type FieldErrors,
  type FieldPath,
  invalid,
  invalidWithoutValue,
  tooLong,
} from '../../../machinery/field-error.ts'
import type { PodCertificateRequestSpec } from './pod-certificate-request.ts'

const MOST_BYTES = 10 * 1024
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}
const RSA_BITS = [3072, 4096]
const UNKNOWN_KEY = 'unknown public key type; supported types are Ed25519, ECDSA, and RSA'

/** The key of a pod comes in a request that it has signed, or with a signature beside it. */
export function* validatePodKey(spec: PodCertificateRequestSpec, path: FieldPath): FieldErrors {
  const { stubPKCS10Request: stub, pkixPublicKey, proofOfPossession } = spec
  if (stub && !pkixPublicKey && !proofOfPossession) {
    yield* validateStub(stub, path.child('stubPKCS10Request'))
  } else if (!stub && pkixPublicKey && proofOfPossession) {
    yield* validateSeparateKey(pkixPublicKey, proofOfPossession, spec.podUID, path)
  } else {
    const which = 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession)'
    yield invalidWithoutValue(path, `${which} must be set`)
  }
}

/** The key that a certificate must be for; undefined where the request has none to be read. */
export function requestedKeyOf(spec: PodCertificateRequestSpec): KeyObject | undefined {
  const { stubPKCS10Request: stub, pkixPublicKey } = spec
  try {
    if (!stub) return readKey(Buffer.from(pkixPublicKey ?? '', 'base64'))
    return readKey(readCertificateRequest(Buffer.from(stub, 'base64')).publicKey)
  } catch {
    return undefined
  }
}

function* validateStub(base64: string, path: FieldPath): FieldErrors {
  const der = Buffer.from(base64, 'base64')
  if (der.length > MOST_BYTES) {
    yield tooLong(path, MOST_BYTES)
    return
  }
  try {
    const request = readCertificateRequest(der)
    const flaws = [...keyErrors(readKey(request.publicKey), 'P256, P384, or P521', path)]
    if (flaws.length > 0) yield* flaws
    else if (!request.isSigned()) yield invalidWithoutValue(path, 'invalid signature')
  } catch {
    yield invalidWithoutValue(path, 'must be a valid PKCS#10 CSR')
  }
}

function* validateSeparateKey(
  keyText: string,
  proofText: string,
  podUid: string,
  path: FieldPath,
): FieldErrors {
  const [keyPath, proofPath] = [path.child('pkixPublicKey'), path.child('proofOfPossession')]
  const [der, proof] = [keyText, proofText].map((text) => Buffer.from(text, 'base64')) as [
    Buffer,
    Buffer,
  ]
  for (const [bytes, at] of [
    [der, keyPath],
    [proof, proofPath],
  ] as const) {
    if (bytes.length <= MOST_BYTES) continue
    yield tooLong(at, MOST_BYTES)
    return
  }
  const key = keyOrUndefined(der)
  if (key === undefined) {
    yield invalid(keyPath, keyText, 'must be a valid PKIX-serialized public key')
    return
  }
  const flaws = [...keyErrors(key, 'P256 or P384', keyPath)]
  if (flaws.length > 0) yield* flaws
  else if (!isProof(key, podUid, proof)) {
    yield invalidWithoutValue(proofPath, 'could not verify proof-of-possession signature')
  }
}

function keyOrUndefined(der: Uint8Array): KeyObject | undefined {
  try {
    return readKey(der)
  } catch {
    return undefined
  }
}

function readKey(der: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
}

function* keyErrors(key: KeyObject, curves: string, path: FieldPath): FieldErrors {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key
  if (type === 'ed25519') return
  if (type === 'ec') {
    const { namedCurve = '' } = details
    if (CURVES[namedCurve] !== undefined) return
    yield invalid(path, `curve ${namedCurve}`, `elliptic public keys must use curve ${curves}`)
  } else if (type === 'rsa') {
    const { modulusLength = 0 } = details
    if (RSA_BITS.includes(modulusLength)) return
    const why = 'RSA keys must have modulus size 3072 or 4096'
    yield invalid(path, `${modulusLength}-bit modulus`, why)
  } else yield invalidWithoutValue(path, UNKNOWN_KEY)
}

/** A signature of the pod's uid. */
function isProof(key: KeyObject, podUid: string, proof: Uint8Array): boolean {
  const text = Buffer.from(podUid)
  if (key.asymmetricKeyType === 'ed25519') return verify(null, text, key, proof)
  if (key.asymmetricKeyType === 'ec') return verify('sha256', text, key, proof)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return verify('sha256', text, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, proof)
}
