import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { qualifiedNameErrors, subdomainNameErrors } from '../../../machinery/names.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { validateSignerName } from '../../certificates/v1/signer-name.ts'
import { validateFieldRef, validateResourceFieldRef } from './env-validation.ts'
import { countGiven, validateFileMode, validateNonReservedPath } from './field-rules.ts'
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
  VolumeProjection,
} from './volume-projection.ts'

const FIELDS = [
  ...['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace'],
  'metadata.uid',
]
const KEYED = ['secret', 'configMap'] as const
const LEAST_TOKEN_SECONDS = 600
const MOST_TOKEN_SECONDS = 2 ** 32
const MOST_ANNOTATION_BYTES = 256 * 1024
const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400
const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']

export function validateKeyToPath(errors: FieldError[], item: KeyToPath, path: FieldPath): void {
  if (item.key === '') errors.push(required(path.child('key')))
  if (item.path === '') errors.push(required(path.child('path')))
  errors.push(...validateNonReservedPath(item.path, path.child('path')))
  errors.push(...validateFileMode(item.mode, path.child('mode')))
}

export function validateDownwardFile(
  errors: FieldError[],
  file: DownwardAPIVolumeFile,
  path: FieldPath,
): void {
  const { fieldRef, resourceFieldRef } = file
  if (file.path === '') errors.push(required(path.child('path')))
  errors.push(...validateNonReservedPath(file.path, path.child('path')))
  if (fieldRef !== undefined) {
    validateFieldRef(errors, fieldRef, FIELDS, path.child('fieldRef'))
    if (resourceFieldRef !== undefined) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      errors.push(invalid(path, 'resource', why))
    }
  } else if (resourceFieldRef !== undefined) {
    validateResourceFieldRef(errors, resourceFieldRef, path.child('resourceFieldRef'), true)
  } else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  errors.push(...validateFileMode(file.mode, path.child('mode')))
}

/** Several sources in one folder; no two may write the same file. */
export function validateProjected(
  errors: FieldError[],
  { defaultMode, sources }: ProjectedVolumeSource,
  path: FieldPath,
): void {
  errors.push(...validateFileMode(defaultMode, path.child('defaultMode')))
  const taken = new Set<string>()
  const take: Take = (file, value) => {
    if (taken.has(file)) errors.push(invalid(path, value, 'conflicting duplicate paths'))
    taken.add(file)
  }
  for (const [index, source] of (sources ?? []).entries()) {
    const sourcePath = path.child('sources').index(index)
    validateKeys(errors, source, sourcePath, take)
    for (const file of source.downwardAPI?.items ?? []) {
      validateDownwardFile(errors, file, sourcePath.child('downwardAPI'))
      if (file.path !== '') take(file.path, file.path)
    }
    validateToken(errors, source, path, sourcePath)
    const { clusterTrustBundle: bundle, podCertificate: certificate } = source
    if (bundle !== undefined) {
      validateTrustBundle(errors, bundle, sourcePath.child('clusterTrustBundle'))
      take(bundle.path, bundle.path)
    }
    if (certificate !== undefined) {
      validatePodCertificate(errors, certificate, sourcePath.child('podCertificate'), take)
    }
    if (countGiven(source) > 1) {
      errors.push(forbidden(sourcePath, 'may not specify more than 1 volume type per source'))
    }
  }
}

/** Notes that something writes a file; `value` is shown where another one does already. */
type Take = (file: string, value: string) => void

function validateKeys(
  errors: FieldError[],
  source: VolumeProjection,
  path: FieldPath,
  take: Take,
): void {
  for (const type of KEYED) {
    const projection = source[type]
    if (projection === undefined) continue
    const { name = '', items = [] } = projection
    if (name === '') errors.push(required(path.child(type, 'name')))
    for (const [index, item] of items.entries()) {
      validateKeyToPath(errors, item, path.child(type, 'items').index(index))
      if (item.path !== '') take(item.path, name)
    }
  }
}

function validateToken(
  errors: FieldError[],
  { serviceAccountToken: token }: VolumeProjection,
  path: FieldPath,
  sourcePath: FieldPath,
): void {
  if (token === undefined) return
  const { expirationSeconds: seconds } = token
  const secondsPath = sourcePath.child('serviceAccountToken').child('expirationSeconds')
  if (seconds < LEAST_TOKEN_SECONDS) {
    errors.push(invalid(secondsPath, seconds, 'may not specify a duration less than 10 minutes'))
  }
  if (seconds > MOST_TOKEN_SECONDS) {
    errors.push(
      invalid(secondsPath, seconds, 'may not specify a duration larger than 2^32 seconds'),
    )
  }
  if (token.path === '') errors.push(required(path.child('path')))
  else errors.push(...validateNonReservedPath(token.path, path.child('path')))
}

function validateTrustBundle(
  errors: FieldError[],
  bundle: NonNullable<VolumeProjection['clusterTrustBundle']>,
  path: FieldPath,
): void {
  const { name, signerName, labelSelector } = bundle
  if (name !== undefined && signerName !== undefined) {
    errors.push(invalid(path, bundle, 'only one of name and signerName may be used'))
  } else if (name !== undefined) {
    if (name === '') errors.push(required(path.child('name'), 'must be a valid object name'))
    for (const why of bundleNameErrors(name)) {
      errors.push(invalid(path.child('name'), name, `not a valid clustertrustbundlename: ${why}`))
    }
    if (labelSelector !== undefined) {
      const why = 'labelSelector must be unset if name is specified'
      errors.push(invalid(path.child('labelSelector'), labelSelector, why))
    }
  } else if (signerName !== undefined) {
    if (signerName === '')
      errors.push(required(path.child('signerName'), 'must be a valid signer name'))
    errors.push(...validateSignerName(signerName, path.child('signerName')))
    validateLabelSelector(errors, labelSelector, path.child('labelSelector'))
  } else errors.push(required(path, 'either name or signerName must be specified'))
  if (bundle.path === '') errors.push(required(path.child('path')))
  errors.push(...validateNonReservedPath(bundle.path, path.child('path')))
}

function validatePodCertificate(
  errors: FieldError[],
  certificate: NonNullable<VolumeProjection['podCertificate']>,
  path: FieldPath,
  take: Take,
): void {
  const { keyType, signerName, userAnnotations, maxExpirationSeconds: seconds } = certificate
  errors.push(...validateSignerName(signerName, path.child('signerName')))
  validateUserAnnotations(errors, userAnnotations, path.child('userAnnotations'))
  if (!KEY_TYPES.includes(keyType))
    errors.push(notSupported(path.child('keyType'), keyType, KEY_TYPES))
  const secondsPath = path.child('maxExpirationSeconds')
  const most = isKubernetesSigner(signerName) ? DAY_SECONDS : 91 * DAY_SECONDS
  if (seconds !== undefined && seconds < HOUR_SECONDS) {
    const why = `if provided, maxExpirationSeconds must be >= ${HOUR_SECONDS}`
    errors.push(invalid(secondsPath, seconds, why))
  }
  if (seconds !== undefined && seconds > most) {
    errors.push(
      invalid(secondsPath, seconds, `if provided, maxExpirationSeconds must be <= ${most}`),
    )
  }
  const files = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const
  for (const field of files) {
    const file = certificate[field] ?? ''
    if (file === '') continue
    errors.push(...validateNonReservedPath(file, path.child(field)))
    take(file, file)
  }
  if (files.every((field) => !certificate[field])) {
    const names = 'credentialBundlePath, keyPath, and certificateChainPath'
    errors.push(required(path, `specify at least one of ${names}`))
  }
}

/** The name of a bundle begins with its signer's, if it has one, in which `:` stands for `/`. */
function bundleNameErrors(name: string): readonly string[] {
  return subdomainNameErrors(name.slice(name.lastIndexOf(':') + 1), false)
}

/** Signers of Kubernetes' own. */
export function isKubernetesSigner(name: string): boolean {
  const [domain = ''] = name.split('/')
  return domain === 'kubernetes.io' || domain.endsWith('.kubernetes.io')
}

/** Keys under a domain, in whatever case. */
export function validateUserAnnotations(
  errors: FieldError[],
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): void {
  let bytes = 0
  for (const [name, value] of Object.entries(annotations ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    const key = name.toLowerCase()
    const reasons = qualifiedNameErrors(key)
    if (key === '') errors.push(required(path))
    else if (reasons.length > 0) for (const why of reasons) errors.push(invalid(path, key, why))
    else if (!key.includes('/')) {
      errors.push(invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")'))
    }
  }
  if (bytes > MOST_ANNOTATION_BYTES) errors.push(tooLong(path, MOST_ANNOTATION_BYTES))
}
