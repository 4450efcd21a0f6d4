import {
  type FieldError,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import {
  configMapKeyErrors,
  environmentNameErrors,
  subdomainNameErrors,
} from '../../../machinery/names.ts'
import { canonicalQuantity } from '../../../machinery/quantity.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type {
  EnvFromSource,
  EnvVar,
  FileKeySelector,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from './env-var.ts'
import {
  countGiven,
  validateDnsLabel,
  validateNoBacksteps,
  validateQualifiedName,
} from './field-rules.ts'

const FIELDS = [
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName'],
  ...['spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP'],
  'status.podIPs',
]
/** All fields that have a name of their own; which of them may be used depends on the place. */
const KNOWN_FIELDS = [
  ...FIELDS,
  ...['metadata.annotations', 'metadata.labels', 'spec.restartPolicy', 'spec.schedulerName'],
  'status.phase',
]
const RESOURCES = [
  ...['limits.cpu', 'limits.ephemeral-storage', 'limits.memory'],
  ...['requests.cpu', 'requests.ephemeral-storage', 'requests.memory'],
]
/** Names that old clients still send. */
const FORMER_NAMES: Readonly<Record<string, string>> = { 'spec.host': 'spec.nodeName' }
/** One label or annotation of many: `metadata.labels['app']`. */
const SUBSCRIPT = /^(.+?)\['(.*)'\]$/s
const HUGE_PAGES = /^(?:limits|requests)\.hugepages-/
const SIZES = ['1', ...'kMGTPE'].map((one) => (one === '1' ? one : `1${one}`))
const SIZE_DIVISORS = [...SIZES, ...[...'KMGTPE'].map((one) => `1${one}i`)]
const CPU_DIVISORS = ['1m', '1']
const SOURCES = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'

export function validateEnv(
  errors: FieldError[],
  variables: readonly EnvVar[],
  path: FieldPath,
): void {
  for (const [index, variable] of variables.entries()) {
    const { name, valueFrom } = variable
    const itemPath = path.index(index)
    if (name === '') errors.push(required(itemPath.child('name')))
    else errors.push(...invalids(itemPath.child('name'), name, environmentNameErrors(name)))
    if (valueFrom) validateValueFrom(errors, valueFrom, variable.value, itemPath.child('valueFrom'))
  }
}

export function validateEnvFrom(
  errors: FieldError[],
  sources: readonly EnvFromSource[],
  path: FieldPath,
): void {
  for (const [index, { prefix = '', configMapRef, secretRef }] of sources.entries()) {
    const itemPath = path.index(index)
    if (prefix !== '') {
      errors.push(...invalids(itemPath.child('prefix'), prefix, environmentNameErrors(prefix)))
    }
    if (configMapRef) {
      validateName(errors, configMapRef.name, itemPath.child('configMapRef', 'name'))
    }
    if (secretRef) validateName(errors, secretRef.name, itemPath.child('secretRef', 'name'))
    if (!configMapRef && !secretRef) {
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (configMapRef && secretRef) {
      errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
    }
  }
}

function validateName(errors: FieldError[], name = '', path: FieldPath): void {
  if (name === '') errors.push(required(path))
  else errors.push(...invalids(path, name, subdomainNameErrors(name, true)))
}

function validateValueFrom(
  errors: FieldError[],
  valueFrom: NonNullable<EnvVar['valueFrom']>,
  value: string | undefined,
  path: FieldPath,
): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  if (fieldRef) validateFieldRef(errors, fieldRef, FIELDS, path.child('fieldRef'))
  if (resourceFieldRef) {
    validateResourceFieldRef(errors, resourceFieldRef, path.child('resourceFieldRef'), false)
  }
  if (configMapKeyRef) validateKeyRef(errors, configMapKeyRef, path.child('configMapKeyRef'))
  if (secretKeyRef) validateKeyRef(errors, secretKeyRef, path.child('secretKeyRef'))
  if (fileKeyRef) validateFileKeyRef(errors, fileKeyRef, path.child('fileKeyRef'))
  const count = countGiven(valueFrom)
  if (count === 0) errors.push(invalid(path, '', `must specify one of: ${SOURCES}`))
  else if (value) {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  } else if (count > 1) {
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  }
}

function validateKeyRef(
  errors: FieldError[],
  { name = '', key }: { readonly name?: string | undefined; readonly key: string },
  path: FieldPath,
): void {
  errors.push(...invalids(path.child('name'), name, subdomainNameErrors(name, false)))
  if (key === '') errors.push(required(path.child('key')))
  else errors.push(...invalids(path.child('key'), key, configMapKeyErrors(key)))
}

function validateFileKeyRef(
  errors: FieldError[],
  { key, volumeName, path: file }: FileKeySelector,
  path: FieldPath,
): void {
  if (key === '') errors.push(required(path.child('key')))
  else errors.push(...invalids(path.child('key'), key, environmentNameErrors(key)))
  if (volumeName === '') errors.push(required(path.child('volumeName')))
  else errors.push(...validateDnsLabel(volumeName, path.child('volumeName')))
  if (file === '') errors.push(required(path.child('path')))
  else errors.push(...validateNoBacksteps(file, path.child('path')))
}

/** A field of the pod, or one label or annotation: `metadata.labels['app']`. */
export function validateFieldRef(
  errors: FieldError[],
  { apiVersion, fieldPath }: ObjectFieldSelector,
  supported: readonly string[],
  path: FieldPath,
): void {
  if (apiVersion === '') errors.push(required(path.child('apiVersion')))
  else if (fieldPath === '') errors.push(required(path.child('fieldPath')))
  else validateFieldPath(errors, apiVersion, fieldPath, supported, path)
}

function validateFieldPath(
  errors: FieldError[],
  apiVersion: string,
  fieldPath: string,
  supported: readonly string[],
  path: FieldPath,
): void {
  if (apiVersion !== 'v1') {
    errors.push(unconvertible(fieldPath, `unsupported pod version: ${apiVersion}`, path))
    return
  }
  if (supported.includes(fieldPath)) return
  const [, field = '', subscript] = SUBSCRIPT.exec(fieldPath) ?? [
    undefined,
    FORMER_NAMES[fieldPath] ?? fieldPath,
  ]
  if (subscript === undefined) {
    if (!KNOWN_FIELDS.includes(field)) {
      errors.push(unconvertible(fieldPath, `field label not supported: ${fieldPath}`, path))
    } else if (!supported.includes(field)) {
      errors.push(notSupported(path.child('fieldPath'), field, supported.toSorted()))
    }
  } else if (field === 'metadata.annotations') {
    errors.push(...validateQualifiedName(subscript.toLowerCase(), path))
  } else if (field === 'metadata.labels') {
    errors.push(...validateQualifiedName(subscript, path))
  } else {
    const why = `field label does not support subscript: ${fieldPath}`
    errors.push(unconvertible(fieldPath, why, path))
  }
}

function unconvertible(fieldPath: string, why: string, path: FieldPath): FieldError {
  return invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${why}`)
}

/** A request or limit of a container; in volumes the container must be named. */
export function validateResourceFieldRef(
  errors: FieldError[],
  { containerName = '', resource, divisor }: ResourceFieldSelector,
  path: FieldPath,
  isVolume: boolean,
): void {
  if (isVolume && containerName === '') errors.push(required(path.child('containerName')))
  else if (resource === '') errors.push(required(path.child('resource')))
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource)) {
    errors.push(notSupported(path.child('resource'), resource, RESOURCES))
  }
  if (canonicalQuantity(divisor) === '0') return
  validateDivisor(errors, resource, canonicalQuantity(divisor), path.child('divisor'))
}

function validateDivisor(
  errors: FieldError[],
  resource: string,
  divisor: string,
  path: FieldPath,
): void {
  const only = (values: readonly string[], of: string) => {
    const list = values.length === 2 ? values.join(' and ') : values.join(', ')
    return `only divisor's values ${list} are supported with the ${of} resource`
  }
  if (resource.endsWith('.cpu')) {
    if (CPU_DIVISORS.includes(divisor)) return
    errors.push(invalid(path, resource, only(CPU_DIVISORS, 'cpu')))
    return
  }
  const of = HUGE_PAGES.test(resource)
    ? 'hugepages'
    : resource.endsWith('.memory')
      ? 'memory'
      : resource.endsWith('.ephemeral-storage')
        ? 'local ephemeral storage'
        : undefined
  if (of === undefined || SIZE_DIVISORS.includes(divisor)) return
  errors.push(invalid(path, resource, only(SIZE_DIVISORS, of)))
}
