import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notFoundField,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import {
  dns1123SubdomainWithUnderscoreErrors,
  rangeErrors,
  subdomainNameErrors,
} from '../../../machinery/names.ts'
import { invalids, validateLabels } from '../../../machinery/validate-object-meta.ts'
import { validateAffinity } from './affinity-validation.ts'
import {
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './container-validation.ts'
import {
  validateDnsLabel,
  validateDnsSubdomain,
  validateIp,
  validateOneOf,
  validateQualifiedName,
} from './field-rules.ts'
import type { PodResourceClaim, PodSpec } from './pod-spec.ts'
import {
  validatePodResources,
  validateQuantity,
  validateResourceName,
} from './resource-validation.ts'
import {
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './scheduling-validation.ts'
import { validateHostUsers, validatePodSecurityContext } from './security-context-validation.ts'
import { validateVolumes } from './volume-validation.ts'

const MAX_INT32 = 2 ** 31 - 1
const MOST_NAMESERVERS = 3
const MOST_SEARCHES = 32
const MOST_SEARCH_CHARACTERS = 2048
const MOST_HOSTNAME_CHARACTERS = 64
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** What the spec is part of: a pod has a name, a template has none. */
export interface PodSpecOwner {
  readonly podName: string
  readonly isPod: boolean
}

/** The specs that were found to be right, each with the name of its pod, which its claims have. */
const validSpecs = {
  pods: new WeakMap<PodSpec, string>(),
  templates: new WeakMap<PodSpec, string>(),
}

/**
 * Objects are immutable: a spec in which nothing was wrong is not looked into again by the many
 * updates that leave it alone, such as those of a status.
 */
export function* validatePodSpec(spec: PodSpec, owner: PodSpecOwner, path: FieldPath): FieldErrors {
  const valid = owner.isPod ? validSpecs.pods : validSpecs.templates
  if (valid.get(spec) === owner.podName) return
  let isValid = true
  for (const error of validateWholeSpec(spec, owner, path)) {
    isValid = false
    yield error
  }
  if (isValid) valid.set(spec, owner.podName)
}

function* validateWholeSpec(spec: PodSpec, owner: PodSpecOwner, path: FieldPath): FieldErrors {
  const volumes = yield* validateVolumes(spec.volumes ?? [], owner.podName, path.child('volumes'))
  yield* validateResourceClaims(spec.resourceClaims ?? [], path.child('resourceClaims'))
  yield* validateContainers(spec, volumes, path.child('containers'))
  yield* validateInitContainers(spec, volumes, path.child('initContainers'))
  yield* validateEphemeralContainers(spec, volumes, path.child('ephemeralContainers'))
  yield* validateWholePodResources(spec, path.child('resources'))
  yield* validateHostNetworkPorts(spec, owner.isPod, path.child('containers'))
  yield* validateOneOf(spec.restartPolicy, RESTART_POLICIES, path.child('restartPolicy'))
  yield* validateOneOf(spec.dnsPolicy, DNS_POLICIES, path.child('dnsPolicy'))
  yield* validateLabels(spec.nodeSelector, path.child('nodeSelector'))
  yield* validatePodSecurityContext(spec, path.child('securityContext'))
  if (spec.affinity) yield* validateAffinity(spec.affinity, path.child('affinity'))
  yield* validateDnsConfig(spec, path.child('dnsConfig'))
  for (const [index, gate] of (spec.readinessGates ?? []).entries()) {
    const gatePath = path.child('readinessGates').index(index).child('conditionType')
    yield* validateQualifiedName(gate.conditionType, gatePath)
  }
  yield* validateSchedulingGates(spec.schedulingGates ?? [], path.child('schedulingGates'))
  yield* validateTopologySpread(
    spec.topologySpreadConstraints ?? [],
    path.child('topologySpreadConstraints'),
  )
  yield* validateHostUsers(spec, path)
  yield* validateHostnameOverride(spec, path.child('hostnameOverride'))
  yield* validateNames(spec, path)
  yield* validateDeadline(spec, path.child('activeDeadlineSeconds'))
  yield* validateTolerations(spec.tolerations ?? [], path.child('tolerations'))
  yield* validateHostAliases(spec, path.child('hostAliases'))
  yield* validateRest(spec, path)
  yield* validateFileKeyVolumes(spec, path)
}

function* validateNames(spec: PodSpec, path: FieldPath): FieldErrors {
  for (const name of ['serviceAccountName', 'nodeName'] as const) {
    const value = spec[name] ?? ''
    if (value !== '') yield* invalids(path.child(name), value, subdomainNameErrors(value, false))
  }
  if (spec.hostname) yield* validateDnsLabel(spec.hostname, path.child('hostname'))
  if (spec.subdomain) yield* validateDnsLabel(spec.subdomain, path.child('subdomain'))
}

function* validateDeadline(
  { activeDeadlineSeconds: value }: PodSpec,
  path: FieldPath,
): FieldErrors {
  if (value !== undefined) yield* invalids(path, value, rangeErrors(value, 1, MAX_INT32))
}

function* validateRest(spec: PodSpec, path: FieldPath): FieldErrors {
  const { priorityClassName = '', runtimeClassName, preemptionPolicy, overhead = {}, os } = spec
  if (priorityClassName !== '') {
    const reasons = subdomainNameErrors(priorityClassName, false)
    yield* invalids(path.child('priorityClassName'), priorityClassName, reasons)
  }
  if (runtimeClassName !== undefined) {
    yield* validateDnsSubdomain(runtimeClassName, path.child('runtimeClassName'))
  }
  if (preemptionPolicy !== undefined) {
    const policies = ['PreemptLowerPriority', 'Never']
    yield* validateOneOf(preemptionPolicy, policies, path.child('preemptionPolicy'))
  }
  for (const [name, quantity] of Object.entries(overhead)) {
    const limitPath = path.child('overhead', 'limits').key(name)
    yield* validateResourceName(name, limitPath)
    yield* validateQuantity(name, quantity, limitPath)
  }
  if (os?.name) yield* validateOneOf(os.name, ['linux', 'windows'], path.child('os'))
  else if (os !== undefined) yield required(path.child('os', 'name'))
}

function* validateWholePodResources(spec: PodSpec, path: FieldPath): FieldErrors {
  const { resources, os } = spec
  if (resources === undefined) return
  if (os?.name === 'windows') {
    yield forbidden(path, 'may not be set for a windows pod')
    return
  }
  if (resources.claims !== undefined) {
    yield forbidden(path.child('claims'), 'claims may not be set for Resources at pod-level')
  }
  yield* validatePodResources(resources, path)
}

/** On the node's network a container's port is the node's. */
function* validateHostNetworkPorts(
  { hostNetwork, containers }: PodSpec,
  isPod: boolean,
  path: FieldPath,
): FieldErrors {
  if (hostNetwork !== true) return
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [place, { hostPort = 0, containerPort }] of ports.entries()) {
      if (hostPort === containerPort || (!isPod && hostPort === 0)) continue
      const portPath = path.index(index).child('ports').index(place).child('hostPort')
      const why = 'must match `containerPort` when `hostNetwork` is true'
      yield invalid(portPath, hostPort, why)
    }
  }
}

function* validateDnsConfig({ dnsPolicy, dnsConfig }: PodSpec, path: FieldPath): FieldErrors {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  if (dnsPolicy === 'None' && dnsConfig === undefined) {
    yield required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')
    return
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    yield required(path.child('nameservers'), why)
    return
  }
  const serversPath = path.child('nameservers')
  if (nameservers.length > MOST_NAMESERVERS) {
    yield invalid(
      serversPath,
      nameservers,
      `must not have more than ${MOST_NAMESERVERS} nameservers`,
    )
  }
  for (const [index, server] of nameservers.entries()) {
    yield* validateIp(server, serversPath.index(index))
  }
  const searchesPath = path.child('searches')
  if (searches.length > MOST_SEARCHES) {
    yield invalid(searchesPath, searches, `must not have more than ${MOST_SEARCHES} search paths`)
  }
  if (searches.join(' ').length > MOST_SEARCH_CHARACTERS) {
    const most = `must not have more than ${MOST_SEARCH_CHARACTERS} characters`
    yield invalid(searchesPath, searches, `${most} (including spaces) in the search list`)
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue
    const domain = search.replace(/\.$/, '')
    const reasons = dns1123SubdomainWithUnderscoreErrors(domain)
    yield* invalids(searchesPath.index(index), domain, reasons)
  }
  for (const [index, { name = '' }] of options.entries()) {
    if (name === '') yield required(path.child('options').index(index), 'must not be empty')
  }
}

function* validateHostnameOverride(spec: PodSpec, path: FieldPath): FieldErrors {
  const { hostnameOverride, setHostnameAsFQDN, hostNetwork } = spec
  if (hostnameOverride === undefined) return
  if (setHostnameAsFQDN === true) {
    yield forbidden(path, 'may not be specified when setHostnameAsFQDN is true')
  }
  if (hostNetwork === true) yield forbidden(path, 'may not be specified when hostNetwork is true')
  if (hostnameOverride.length > MOST_HOSTNAME_CHARACTERS) {
    yield tooLong(path, MOST_HOSTNAME_CHARACTERS)
  }
  yield* validateDnsSubdomain(hostnameOverride, path)
}

function* validateHostAliases({ hostAliases = [] }: PodSpec, path: FieldPath): FieldErrors {
  for (const [index, { ip, hostnames = [] }] of hostAliases.entries()) {
    yield* validateIp(ip, path.index(index).child('ip'))
    for (const [place, hostname] of hostnames.entries()) {
      yield* validateDnsSubdomain(hostname, path.index(index).child('hostnames').index(place))
    }
  }
}

function* validateResourceClaims(
  claims: readonly PodResourceClaim[],
  path: FieldPath,
): FieldErrors {
  const names = new Set<string>()
  for (const [index, claim] of claims.entries()) {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const itemPath = path.index(index)
    if (name === '') yield required(itemPath.child('name'))
    else if (names.has(name)) yield duplicate(itemPath.child('name'), name)
    else yield* validateDnsLabel(name, itemPath.child('name'))
    names.add(name)
    const fields = '`resourceClaimName` or `resourceClaimTemplateName`'
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      yield invalid(itemPath, claim, `at most one of ${fields} may be specified`)
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const why = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
      yield invalid(itemPath, claim, why)
    }
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[field]
      if (value === undefined) continue
      yield* invalids(itemPath.child(field), value, subdomainNameErrors(value, false))
    }
  }
}

/** A file of variables must be in an empty directory, which an init container has filled. */
function* validateFileKeyVolumes(spec: PodSpec, path: FieldPath): FieldErrors {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { env = [] }] of (spec[list] ?? []).entries()) {
      for (const [place, { valueFrom }] of env.entries()) {
        const name = valueFrom?.fileKeyRef?.volumeName
        if (name === undefined) continue
        const envPath = path.child(list).index(index).child('env').index(place)
        const namePath = envPath.child('valueFrom', 'fileKeyRef', 'volumeName')
        const volume = spec.volumes?.find((one) => one.name === name)
        if (volume === undefined) yield notFoundField(namePath, name)
        else if (volume.emptyDir === undefined) {
          yield invalid(namePath, name, 'referenced volume must be of type emptyDir')
        }
      }
    }
  }
}
