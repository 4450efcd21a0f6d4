import {
  type FieldErrors,
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
import { validateDnsLabel, validateNoBacksteps, validateQualifiedName } from './field-rules.ts'

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
const HUGE_PAGES = /^(?:limits|requests)\.hugepages-/
const SIZES = ['1', ...'kMGTPE'].map((one) => (one === '1' ? one : `1${one}`))
const SIZE_DIVISORS = [...SIZES, ...[...'KMGTPE'].map((one) => `1${one}i`)]
const CPU_DIVISORS = ['1m', '1']
const SOURCES = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'

export function* validateEnv(variables: readonly EnvVar[], path: FieldPath): FieldErrors {
  for (const [index, variable] of variables.entries()) {
    const { name } = variable
    const namePath = path.index(index).child('name')
    if (name === '') yield required(namePath)
    else yield* invalids(namePath, name, environmentNameErrors(name))
    yield* validateValueFrom(variable, path.index(index).child('valueFrom'))
  }
}

export function* validateEnvFrom(sources: readonly EnvFromSource[], path: FieldPath): FieldErrors {
  for (const [index, { prefix = '', configMapRef, secretRef }] of sources.entries()) {
    const itemPath = path.index(index)
    if (prefix !== '') {
      yield* invalids(itemPath.child('prefix'), prefix, environmentNameErrors(prefix))
    }
    if (configMapRef) yield* validateName(configMapRef.name, itemPath.child('configMapRef', 'name'))
    if (secretRef) yield* validateName(secretRef.name, itemPath.child('secretRef', 'name'))
    if (!configMapRef && !secretRef) {
      yield invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')
    } else if (configMapRef && secretRef) {
      yield invalid(path, '', 'may not have more than one field specified at a time')
    }
  }
}

function* validateName(name = '', path: FieldPath): FieldErrors {
  if (name === '') yield required(path)
  else yield* invalids(path, name, subdomainNameErrors(name, true))
}

function* validateValueFrom({ value = '', valueFrom }: EnvVar, path: FieldPath): FieldErrors {
  if (valueFrom === undefined) return
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  if (fieldRef) yield* validateFieldRef(fieldRef, FIELDS, path.child('fieldRef'))
  if (resourceFieldRef) {
    yield* validateResourceFieldRef(resourceFieldRef, path.child('resourceFieldRef'), false)
  }
  if (configMapKeyRef) yield* validateKeyRef(configMapKeyRef, path.child('configMapKeyRef'))
  if (secretKeyRef) yield* validateKeyRef(secretKeyRef, path.child('secretKeyRef'))
  if (fileKeyRef) yield* validateFileKeyRef(fileKeyRef, path.child('fileKeyRef'))
  const count = Object.values(valueFrom).filter((source) => source !== undefined).length
  if (count === 0) yield invalid(path, '', `must specify one of: ${SOURCES}`)
  else if (value !== '') yield invalid(path, '', 'may not be specified when `value` is not empty')
  else if (count > 1)
    yield invalid(path, '', 'may not have more than one field specified at a time')
}

function* validateKeyRef(
  { name = '', key }: { readonly name?: string | undefined; readonly key: string },
  path: FieldPath,
): FieldErrors {
  yield* invalids(path.child('name'), name, subdomainNameErrors(name, false))
  if (key === '') yield required(path.child('key'))
  else yield* invalids(path.child('key'), key, configMapKeyErrors(key))
}

function* validateFileKeyRef(
  { key, volumeName, path: file }: FileKeySelector,
  path: FieldPath,
): FieldErrors {
  if (key === '') yield required(path.child('key'))
  else yield* invalids(path.child('key'), key, environmentNameErrors(key))
  if (volumeName === '') yield required(path.child('volumeName'))
  else yield* validateDnsLabel(volumeName, path.child('volumeName'))
  if (file === '') yield required(path.child('path'))
  else yield* validateNoBacksteps(file, path.child('path'))
}

/** A field of the pod, or one label or annotation: `metadata.labels['app']`. */
export function* validateFieldRef(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  supported: readonly string[],
  path: FieldPath,
): FieldErrors {
  if (apiVersion === '') yield required(path.child('apiVersion'))
  else if (fieldPath === '') yield required(path.child('fieldPath'))
  else yield* validateFieldPath(apiVersion, fieldPath, supported, path)
}

function* validateFieldPath(
  apiVersion: string,
  fieldPath: string,
  supported: readonly string[],
  path: FieldPath,
): FieldErrors {
  const unconvertible = (why: string) =>
    invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${why}`)
  if (apiVersion !== 'v1') {
    yield unconvertible(`unsupported pod version: ${apiVersion}`)
    return
  }
  const [, field = '', subscript] = /^(.+?)\['(.*)'\]$/s.exec(fieldPath) ?? [
    undefined,
    FORMER_NAMES[fieldPath] ?? fieldPath,
  ]
  if (subscript === undefined) {
    if (!KNOWN_FIELDS.includes(field)) {
      yield unconvertible(`field label not supported: ${fieldPath}`)
    } else if (!supported.includes(field)) {
      yield notSupported(path.child('fieldPath'), field, supported.toSorted())
    }
  } else if (field === 'metadata.annotations') {
    yield* validateQualifiedName(subscript.toLowerCase(), path)
  } else if (field === 'metadata.labels') {
    yield* validateQualifiedName(subscript, path)
  } else {
    yield unconvertible(`field label does not support subscript: ${fieldPath}`)
  }
}

/** A request or limit of a container; in volumes the container must be named. */
export function* validateResourceFieldRef(
  { containerName = '', resource, divisor }: ResourceFieldSelector,
  path: FieldPath,
  isVolume: boolean,
): FieldErrors {
  if (isVolume && containerName === '') yield required(path.child('containerName'))
  else if (resource === '') yield required(path.child('resource'))
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource)) {
    yield notSupported(path.child('resource'), resource, RESOURCES)
  }
  if (canonicalQuantity(divisor) === '0') return
  yield* validateDivisor(resource, canonicalQuantity(divisor), path.child('divisor'))
}

function* validateDivisor(resource: string, divisor: string, path: FieldPath): FieldErrors {
  const only = (values: readonly string[], of: string) => {
    const list = values.length === 2 ? values.join(' and ') : values.join(', ')
    return `only divisor's values ${list} are supported with the ${of} resource`
  }
  if (resource.endsWith('.cpu')) {
    if (!CPU_DIVISORS.includes(divisor)) yield invalid(path, resource, only(CPU_DIVISORS, 'cpu'))
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
  yield invalid(path, resource, only(SIZE_DIVISORS, of))
}
