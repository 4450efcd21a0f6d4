import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  subdomainNameErrors,
} from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateQualifiedName } from '../../core/v1/field-rules.ts'
import type {
  ServerStorageVersion,
  StorageVersion,
  StorageVersionCondition,
} from './storage-version.ts'

const NOT_A_VERSION =
  "a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with " +
  "an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', " +
  "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

/** The name of a resource behind its group: `apps.deployments`. */
export function storageVersionNameErrors(name: string): readonly string[] {
  const dot = name.lastIndexOf('.')
  if (dot < 0) return ['name must be in the form of <group>.<resource>']
  return [
    ...dns1123SubdomainErrors(name.slice(0, dot)).map((why) => `the group segment ${why}`),
    ...dns1035LabelErrors(name.slice(dot + 1)).map((why) => `the resource segment ${why}`),
  ]
}

/** What servers report must make sense, and what they have in common must be right. */
export function* validateStorageVersionStatus(
  { status }: StorageVersion,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  const { storageVersions = [], commonEncodingVersion: given, conditions = [] } = status
  const seen = new Set<string>()
  for (const [index, version] of storageVersions.entries()) {
    const at = statusPath.child('storageVersions').index(index)
    const { apiServerID: id } = version
    if (seen.has(id)) yield duplicate(at.child('apiServerID'), id)
    seen.add(id)
    yield* validateServer(version, at)
  }
  const [first, ...others] = storageVersions.map(({ encodingVersion }) => encodingVersion)
  const common = others.every((one) => one === first) ? first : undefined
  const commonPath = statusPath.child('commonEncodingVersion')
  if (common === undefined && given !== undefined) {
    const when = 'if servers do not agree on the same encoding version, or if there is no server'
    yield invalid(commonPath, given, `should be nil ${when} reporting the supported versions yet`)
  } else if (common !== undefined && given === undefined) {
    yield invalid(commonPath, undefined, `the common encoding version is ${common}`)
  } else if (common !== given) {
    yield invalid(commonPath, given, `the actual common encoding version is ${common}`)
  }
  yield* validateConditions(conditions, statusPath)
}

function* validateServer(version: ServerStorageVersion, path: FieldPath): FieldErrors {
  const { apiServerID: id, encodingVersion, decodableVersions = [], servedVersions = [] } = version
  yield* invalids(path.child('apiServerID'), id, subdomainNameErrors(id, false))
  yield* validateApiVersion(encodingVersion, path.child('encodingVersion'))
  const decodablePath = path.child('decodableVersions')
  for (const [index, one] of decodableVersions.entries()) {
    yield* validateApiVersion(one, decodablePath.index(index))
  }
  if (!decodableVersions.includes(encodingVersion)) {
    const why = `decodableVersions must include encodingVersion ${encodingVersion}`
    yield invalid(decodablePath, decodableVersions.length > 0 ? decodableVersions : undefined, why)
  }
  for (const [index, one] of servedVersions.entries()) {
    const at = path.child('servedVersions').index(index)
    yield* validateApiVersion(one, at)
    if (decodableVersions.includes(one)) continue
    const among = `must be included in decodableVersions : [${decodableVersions.join(' ')}]`
    yield invalid(at, one, `individual served version : ${one} ${among}`)
  }
}

function* validateApiVersion(text: string, path: FieldPath): FieldErrors {
  const errors = apiVersionErrors(text)
  if (errors.length > 0) yield invalid(path, text, errors.join(','))
}

function apiVersionErrors(text: string): readonly string[] {
  const parts = text.split('/')
  if (parts.length > 2) {
    const form = "(e.g. 'example.com/MyVersion')"
    return [
      `an apiVersion is ${NOT_A_VERSION} with an optional DNS subdomain prefix and '/' ${form}`,
    ]
  }
  const [version = '', group] = parts.toReversed()
  const groupErrors =
    group === undefined
      ? []
      : group === ''
        ? ['group part: must be non-empty']
        : dns1123SubdomainErrors(group).map((why) => `group part: ${why}`)
  const versionErrors =
    version === ''
      ? ['version part: must be non-empty']
      : dns1035LabelErrors(version).map((why) => `version part: ${why}`)
  return [...groupErrors, ...versionErrors]
}

/** Upstream names the place of a condition as if it was that of the status. */
function* validateConditions(
  conditions: readonly StorageVersionCondition[],
  path: FieldPath,
): FieldErrors {
  const places = new Map<string, number>()
  for (const [index, { type, status, reason, message }] of conditions.entries()) {
    const at = path.index(index)
    const other = places.get(type)
    if (other !== undefined) {
      const where = `it also appears in conditions[${other}]`
      yield invalid(at.child('type'), type, `the type of the condition is not unique, ${where}`)
    }
    places.set(type, index)
    yield* validateQualifiedName(type, at.child('type'))
    yield* validateQualifiedName(status, at.child('status'))
    if (reason === '') yield required(at.child('reason'))
    if (!message) yield required(at.child('message'))
  }
}
