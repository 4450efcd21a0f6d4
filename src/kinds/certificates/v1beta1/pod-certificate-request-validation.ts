import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  tooLong,
} from '../../../machinery/field-error.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { isKubernetesSigner, validateUserAnnotations } from '../../core/v1/projection-validation.ts'
import { validateSignerName } from '../v1/signer-name.ts'
import type { PodCertificateRequest } from './pod-certificate-request.ts'
import { validatePodKey } from './pod-key-validation.ts'

const LONGEST_UID = 128
const LEAST_SECONDS = 3600
const DAY_SECONDS = 86_400
const MOST_DAYS = 91

/** Who asks for a certificate, for how long, and with which key. */
export function* validatePodCertificateRequest(
  { spec }: PodCertificateRequest,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  yield* validateSignerName(spec.signerName, specPath.child('signerName'))
  const annotationsPath = specPath.child('unverifiedUserAnnotations')
  yield* collected(validateUserAnnotations, spec.unverifiedUserAnnotations, annotationsPath)
  for (const owner of ['pod', 'serviceAccount', 'node'] as const) {
    const name = spec[`${owner}Name`]
    yield* invalids(specPath.child(`${owner}Name`), name, subdomainNameErrors(name, false))
    const uid = spec[`${owner}UID`]
    const uidPath = specPath.child(`${owner}UID`)
    if (uid === '') yield invalid(uidPath, uid, 'must not be empty')
    if (Buffer.byteLength(uid) > LONGEST_UID) yield tooLong(uidPath, LONGEST_UID)
  }
  const { maxExpirationSeconds: seconds } = spec
  const most = isKubernetesSigner(spec.signerName) ? DAY_SECONDS : MOST_DAYS * DAY_SECONDS
  if (seconds < LEAST_SECONDS || seconds > most) {
    const why = `must be in the range [${LEAST_SECONDS}, ${most}]`
    yield invalid(specPath.child('maxExpirationSeconds'), seconds, why)
  }
  yield* validatePodKey(spec, specPath)
}

/** What was asked for stays as it is. */
export function validatePodCertificateRequestUpdate(
  request: PodCertificateRequest,
  old: PodCertificateRequest,
  path: FieldPath,
): FieldErrors {
  return validateImmutable(request.spec, old.spec, path.child('spec'))
}
