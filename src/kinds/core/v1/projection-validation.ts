import {
  type FieldErrors,
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
import { validateFileMode, validateNonReservedPath } from './field-rules.ts'
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
const LEAST_TOKEN_SECONDS = 600
const MOST_TOKEN_SECONDS = 2 ** 32
const MOST_ANNOTATION_BYTES = 256 * 1024
const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400
const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']

export function* validateKeyToPath(item: KeyToPath, path: FieldPath): FieldErrors {
  if (item.key === '') yield required(path.child('key'))
  if (item.path === '') yield required(path.child('path'))
  yield* validateNonReservedPath(item.path, path.child('path'))
  yield* validateFileMode(item.mode, path.child('mode'))
}

export function* validateDownwardFile(file: DownwardAPIVolumeFile, path: FieldPath): FieldErrors {
  const { fieldRef, resourceFieldRef } = file
  if (file.path === '') yield required(path.child('path'))
  yield* validateNonReservedPath(file.path, path.child('path'))
  if (fieldRef !== undefined) {
    yield* validateFieldRef(fieldRef, FIELDS, path.child('fieldRef'))
    if (resourceFieldRef !== undefined) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      yield invalid(path, 'resource', why)
    }
  } else if (resourceFieldRef !== undefined) {
    yield* validateResourceFieldRef(resourceFieldRef, path.child('resourceFieldRef'), true)
  } else yield required(path, 'one of fieldRef and resourceFieldRef is required')
  yield* validateFileMode(file.mode, path.child('mode'))
}

/** Several sources in one folder; no two may write the same file. */
export function* validateProjected(
  { defaultMode, sources }: ProjectedVolumeSource,
  path: FieldPath,
): FieldErrors {
  yield* validateFileMode(defaultMode, path.child('defaultMode'))
  const taken = new Set<string>()
  function* take(file: string, value: string): FieldErrors {
    if (taken.has(file)) yield invalid(path, value, 'conflicting duplicate paths')
    taken.add(file)
  }
  for (const [index, source] of (sources ?? []).entries()) {
    const sourcePath = path.child('sources').index(index)
    yield* validateKeys(source, sourcePath, take)
    for (const file of source.downwardAPI?.items ?? []) {
      yield* validateDownwardFile(file, sourcePath.child('downwardAPI'))
      if (file.path !== '') yield* take(file.path, file.path)
    }
    yield* validateToken(source, path, sourcePath)
    yield* validateTrustBundle(source, sourcePath.child('clusterTrustBundle'))
    const bundle = source.clusterTrustBundle
    if (bundle !== undefined) yield* take(bundle.path, bundle.path)
    yield* validatePodCertificate(source, sourcePath.child('podCertificate'), take)
    if (Object.values(source).filter((one) => one !== undefined).length > 1) {
      yield forbidden(sourcePath, 'may not specify more than 1 volume type per source')
    }
  }
}

type Take = (file: string, value: string) => FieldErrors

function* validateKeys(source: VolumeProjection, path: FieldPath, take: Take): FieldErrors {
  for (const type of ['secret', 'configMap'] as const) {
    const projection = source[type]
    if (projection === undefined) continue
    const { name = '', items = [] } = projection
    if (name === '') yield required(path.child(type, 'name'))
    for (const [index, item] of items.entries()) {
      yield* validateKeyToPath(item, path.child(type, 'items').index(index))
      if (item.path !== '') yield* take(item.path, name)
    }
  }
}

function* validateToken(
  { serviceAccountToken: token }: VolumeProjection,
  path: FieldPath,
  sourcePath: FieldPath,
): FieldErrors {
  if (token === undefined) return
  const secondsPath = sourcePath.child('serviceAccountToken', 'expirationSeconds')
  const { expirationSeconds: seconds } = token
  if (seconds < LEAST_TOKEN_SECONDS) {
    yield invalid(secondsPath, seconds, 'may not specify a duration less than 10 minutes')
  }
  if (seconds > MOST_TOKEN_SECONDS) {
    yield invalid(secondsPath, seconds, 'may not specify a duration larger than 2^32 seconds')
  }
  if (token.path === '') yield required(path.child('path'))
  else yield* validateNonReservedPath(token.path, path.child('path'))
}

function* validateTrustBundle(
  { clusterTrustBundle: bundle }: VolumeProjection,
  path: FieldPath,
): FieldErrors {
  if (bundle === undefined) return
  const { name, signerName, labelSelector } = bundle
  if (name !== undefined && signerName !== undefined) {
    yield invalid(path, bundle, 'only one of name and signerName may be used')
  } else if (name !== undefined) {
    if (name === '') yield required(path.child('name'), 'must be a valid object name')
    for (const why of bundleNameErrors(name)) {
      yield invalid(path.child('name'), name, `not a valid clustertrustbundlename: ${why}`)
    }
    if (labelSelector !== undefined) {
      const why = 'labelSelector must be unset if name is specified'
      yield invalid(path.child('labelSelector'), labelSelector, why)
    }
  } else if (signerName !== undefined) {
    if (signerName === '') yield required(path.child('signerName'), 'must be a valid signer name')
    yield* validateSignerName(signerName, path.child('signerName'))
    yield* validateLabelSelector(labelSelector, path.child('labelSelector'))
  } else yield required(path, 'either name or signerName must be specified')
  if (bundle.path === '') yield required(path.child('path'))
  yield* validateNonReservedPath(bundle.path, path.child('path'))
}

function* validatePodCertificate(
  { podCertificate: certificate }: VolumeProjection,
  path: FieldPath,
  take: Take,
): FieldErrors {
  if (certificate === undefined) return
  const { keyType, signerName, userAnnotations, maxExpirationSeconds: seconds } = certificate
  yield* validateSignerName(signerName, path.child('signerName'))
  yield* validateUserAnnotations(userAnnotations, path.child('userAnnotations'))
  if (!KEY_TYPES.includes(keyType)) yield notSupported(path.child('keyType'), keyType, KEY_TYPES)
  const secondsPath = path.child('maxExpirationSeconds')
  const most = isKubernetesSigner(signerName) ? DAY_SECONDS : 91 * DAY_SECONDS
  if (seconds !== undefined && seconds < HOUR_SECONDS) {
    const why = `if provided, maxExpirationSeconds must be >= ${HOUR_SECONDS}`
    yield invalid(secondsPath, seconds, why)
  }
  if (seconds !== undefined && seconds > most) {
    yield invalid(secondsPath, seconds, `if provided, maxExpirationSeconds must be <= ${most}`)
  }
  const files = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const
  for (const field of files) {
    const file = certificate[field] ?? ''
    if (file === '') continue
    yield* validateNonReservedPath(file, path.child(field))
    yield* take(file, file)
  }
  if (files.every((field) => !certificate[field])) {
    const names = 'credentialBundlePath, keyPath, and certificateChainPath'
    yield required(path, `specify at least one of ${names}`)
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
export function* validateUserAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldErrors {
  let bytes = 0
  for (const [name, value] of Object.entries(annotations ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    const key = name.toLowerCase()
    const reasons = qualifiedNameErrors(key)
    if (key === '') yield required(path)
    else if (reasons.length > 0) for (const why of reasons) yield invalid(path, key, why)
    else if (!key.includes('/')) {
      yield invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')
    }
  }
  if (bytes > MOST_ANNOTATION_BYTES) yield tooLong(path, MOST_ANNOTATION_BYTES)
}
