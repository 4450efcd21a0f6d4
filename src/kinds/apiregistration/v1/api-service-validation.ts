import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  portNumberErrors,
} from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { APIService } from './api-service.ts'

const MOST_GROUP_PRIORITY = 20_000
const MOST_VERSION_PRIORITY = 1000
const STATUSES = ['True', 'False', 'Unknown']

/** A service's name says what it serves; one that is served here has no certificates. */
export function* validateApiService({ metadata, spec }: APIService, path: FieldPath): FieldErrors {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec
  const specPath = path.child('spec')
  const name = `${version}.${group}`
  for (const field of ['generateName', 'name'] as const) {
    const { [field]: given = '' } = metadata
    if (given === '' || given === name) continue
    if (pathSegmentErrors(given, field === 'generateName').length > 0) continue
    const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`
    yield invalid(path.child('metadata', field), given, why)
  }
  const groupPath = specPath.child('group')
  if (group === '') {
    const why = 'only v1 may have an empty group and it better be legacy kube'
    if (version !== 'v1') yield required(groupPath, why)
  } else yield* invalids(groupPath, group, dns1123SubdomainErrors(group))
  yield* invalids(specPath.child('version'), version, dns1035LabelErrors(version))
  const groupPriorityPath = specPath.child('groupPriorityMinimum')
  yield* validatePriority(groupPriorityMinimum, MOST_GROUP_PRIORITY, groupPriorityPath)
  const versionPriorityPath = specPath.child('versionPriority')
  yield* validatePriority(versionPriority, MOST_VERSION_PRIORITY, versionPriorityPath)
  yield* validateServer(spec, specPath)
}

/** Conditions are true, false or unknown. */
export function* validateApiServiceStatusUpdate(
  { status }: APIService,
  _old: APIService,
  path: FieldPath,
): FieldErrors {
  for (const [index, condition] of (status.conditions ?? []).entries()) {
    if (STATUSES.includes(condition.status)) continue
    const at = path.child('status', 'conditions').index(index).child('status')
    yield notSupported(at, condition.status, STATUSES)
  }
}

function* validatePriority(priority: number, most: number, path: FieldPath): FieldErrors {
  if (priority > 0 && priority <= most) return
  yield invalid(path, priority, `must be positive and less than ${most}`)
}

function* validateServer(spec: APIService['spec'], path: FieldPath): FieldErrors {
  const { service, caBundle = '', insecureSkipTLSVerify = false } = spec
  const insecurePath = path.child('insecureSkipTLSVerify')
  if (service === undefined) {
    if (caBundle !== '') {
      const size = `${Buffer.from(caBundle, 'base64').length} bytes`
      yield invalid(path.child('caBundle'), size, 'local APIServices may not have a caBundle')
    }
    if (insecureSkipTLSVerify) {
      yield invalid(insecurePath, true, 'local APIServices may not have insecureSkipTLSVerify')
    }
    return
  }
  const servicePath = path.child('service')
  if (!service.namespace) yield required(servicePath.child('namespace'))
  if (!service.name) yield required(servicePath.child('name'))
  const reasons = portNumberErrors(service.port)
  if (reasons.length > 0) {
    const why = `port is not valid: ${reasons.join(', ')}`
    yield invalid(servicePath.child('port'), service.port, why)
  }
  if (insecureSkipTLSVerify && caBundle !== '') {
    yield invalid(insecurePath, true, 'may not be true if caBundle is present')
  }
}
